"""The public names, and the README's promise of a few lines."""

import inspect

import layoutplan


def test_every_public_name_exists_and_is_documented():
    for name in layoutplan.__all__:
        assert inspect.getdoc(getattr(layoutplan, name)), name


def test_the_names_are_sorted_and_few():
    assert list(layoutplan.__all__) == sorted(layoutplan.__all__)
    assert len(layoutplan.__all__) <= 40


def test_nothing_public_is_missing_from_all():
    public = {
        name
        for name, value in vars(layoutplan).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert public == set(layoutplan.__all__)
