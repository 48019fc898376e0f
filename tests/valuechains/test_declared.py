"""YAML that people write: read safely, and whatever is wrong is one line that says where."""

import os
import time

import pytest

from valuechains.core.declared import Declared, Text, checked, read_yaml
from valuechains.core.errors import DataError

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"entered: 2026-02-30\n", r"line 1: '2026-02-30': day is out of range"),
        (b"title: x\nnumber: " + b"9" * 5000, r"line 2: '9{79}…: Exceeds the limit"),
        (b"title: x\ntitle: y\n", "line 2: 'title' is given twice"),
        (b"value: 010101\n", "line 1: '010101': expected a number as 10, or text in quotes"),
        (b"value: 12:30\n", "line 1: '12:30': expected"),
        (b"notes:\n  - {a: 1, a: 2}\n", "line 2: 'a' is given twice"),
        (b"title: x\n<<: {title: y}\n", "line 2: <<: expected the keys themselves"),
        (b"title: x\nyes: y\n", "line 2: the key 'yes': expected text, in quotes"),
        (b"columns:\n  [a, b]: y\n", "line 2: the key 'sequence': expected text, in quotes"),
        (b"columns: {~: y}\n", "line 1: the key '~': expected text, in quotes"),
        (b"2020-01-01: y\n", "line 1: the key '2020-01-01': expected text, in quotes"),
        (BOMB.encode(), "line 2: an alias, .a: expected the text itself"),
        (b"x: " + b"[" * 5000, "line 1: more than 20 levels inside each other"),
        (b"x: " + b"y" * 1_000_001, "larger than 1,000,000 bytes"),
        (b"title: x\npublisher: \xf3\n", "line 2: not UTF-8"),
        (b"a: [", "not YAML"),
        (b"a: \0", "not YAML"),
        (b"a: 1\n---\nb: 2\n", "line 2: but found another document"),
        (b"x: !!python/object/apply:os.system [ls]\n", "could not determine a constructor"),
    ],
)
def test_what_is_no_safe_yaml_is_refused_in_one_line(tmp_path, content, message):
    path = tmp_path / "toys.csv.source.yml"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as refusal:
        read_yaml(path)
    text = str(refusal.value)
    assert text.startswith("toys.csv.source.yml: ") and "\n" not in text and len(text) < 300


def test_a_named_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "x.yml")
    with pytest.raises(DataError, match=r"x\.yml: expected a regular file"):
        read_yaml(tmp_path / "x.yml")
    with pytest.raises(DataError, match=r"y\.yml: the file is missing"):
        read_yaml(tmp_path / "y.yml")


def test_sixteen_times_as_many_keys_take_some_sixteen_times_as_long(tmp_path):
    def seconds(many, time_):
        path = tmp_path / f"{many}-{time_}.yml"  # each another text: what was read is kept
        path.write_text("".join(f"key{number}_{time_}: 1\n" for number in range(many)))
        began = time.process_time()
        assert len(read_yaml(path)) == many
        return time.process_time() - began

    # The least of several, and far from 256 times: what else the machine does is not counted.
    few, more = (min(seconds(many, time_) for time_ in range(4)) for many in (1_250, 20_000))
    assert more < 80 * few


class Toy(Declared):
    title: Text
    heads: int = 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"title": "=HYPERLINK(1)"}, r"title '=HYPER.*', expected text .* that does not begin"),
        ({"title": " @x"}, "a spreadsheet would run it"),
        ({"title": "＝1+1"}, "a spreadsheet would run it"),
        ({"title": float("nan")}, "title nan, expected text .in quotes"),
        ({"title": "-x"}, "a spreadsheet would run it"),
        ({"title": " "}, "title ' ', expected text"),
        ({"title": False}, "title False, expected text .in quotes"),  # written: no
        ({"title": ["x"]}, r"title \['x'\], expected text"),
        ({"title": "a\x07b"}, "expected text .* without control characters"),
        ({"title": "a\udcf3b"}, "expected text .* without control characters"),
        ({"title": "x", "heads": "many"}, "heads 'many', expected a valid integer"),
        ({"title": "x", "haeds": 1}, r"unknown field 'haeds' \(did you mean heads\?\); there are"),
        ({"heads": 1}, "fields missing: title"),
        ({"title": "x", 1: "y"}, "toy.yml: the key 1: expected text, in quotes"),
        (["x"], r"toy.yml: \['x'\], expected fields: title, heads"),
        (None, "toy.yml: None, expected fields"),
        ({"title": ["x" * 1000]}, r"title \['x{78}…, expected text"),
    ],
)
def test_a_field_that_is_wrong_is_named_with_its_value(given, message):
    with pytest.raises(DataError, match=message):
        checked(Toy, given, "toy.yml")


@pytest.mark.parametrize("text", ["-5", "+3.2", "-", "x = y", 2012, 3.5])
def test_numbers_are_text_too(text):
    assert checked(Toy, {"title": text}, "toy.yml").title == str(text)
