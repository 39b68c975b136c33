"""The plans of this folder name their files by ``${LAYOUTPLAN_REAL_DATA}``: make it an absolute path."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session", autouse=True)
def absolute_data_folder(real_data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYOUTPLAN_REAL_DATA", str(real_data))
        yield real_data
