"""The press: prints any collection of parametrised notebooks as a static site.

It reaches a collection only through the names ("module:function") given in its `reports.yml`.
Nothing is imported here: the path on which nothing has changed must stay quick.
"""
