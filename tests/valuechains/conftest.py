"""What the tests of several readers share."""

import pytest


@pytest.fixture
def file(tmp_path, request):
    """Write a file, by default with the name ``FILE`` of the module of the test."""

    def write(data, name=None):
        path = tmp_path / (name or request.module.FILE)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return path

    return write
