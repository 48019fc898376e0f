"""What all tests share: no property test fails because the machine is busy."""

from hypothesis import settings

settings.register_profile("project", deadline=None, max_examples=50)
settings.load_profile("project")
