"""Names are folded as `packaging` folds them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging import utils

from tidegate.formats.python_names import canonicalize_name


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="aB-_.İ0", max_size=12) | st.text(max_size=12))
def test_every_text_is_folded_as_packaging_folds_it(name: str) -> None:
    assert canonicalize_name(name) == utils.canonicalize_name(name)


@pytest.mark.parametrize("name", ["Foo.Bar", "foo__bar", "FOO-_.bar", "foo---bar"])
def test_spellings_of_one_name_are_one_name(name: str) -> None:
    assert canonicalize_name(name) == "foo-bar"
