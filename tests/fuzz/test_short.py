"""The short form of the fuzz: a few inputs of every kind; ``python -m tests.fuzz`` is the long one."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.make_corpus import CORPUS, write_corpus
from tests.fuzz.readers import KINDS, office


@pytest.fixture(scope="module")
def here():
    with office() as folder:
        yield folder


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_reader_answers_with_a_result_or_a_fault(kind, here):
    @settings(
        max_examples=8,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(kind.inputs())
    def answers(content: bytes) -> None:
        kind.read(here, content)

    answers()


@pytest.mark.slow
def test_the_seeds_are_sound_and_can_be_made_again(tmp_path):
    write_corpus(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in CORPUS.iterdir()}
    same = ("districts.geojson", "streets.osm.pbf", "streets.osm", "schools.csv", "own.toml", "fuller.toml")
    assert all((tmp_path / name).read_bytes() == (CORPUS / name).read_bytes() for name in same)
    with office() as folder:
        for kind in KINDS:
            kind.read(folder, b"")
