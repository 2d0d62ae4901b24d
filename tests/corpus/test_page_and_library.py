"""Pages, and the library they make."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assemble import CORPUS
from corpus.coverage import note_uncovered
from corpus.library import Library, read_left_out, read_library
from corpus.originals import Originals, WrongOriginal, read_originals
from corpus.page import read_page
from corpus.passage import Lines
from corpus.yaml_source import Problems, parse_yaml
from tests.corpus.building import document, library_of, page_of, passage, write_page

ORIGINAL = ("title", "before", "cool:", "", "fridge", "peas", "more peas", "", "warm", "")


def test_a_page_gives_its_passages_with_blocks_lines_and_search_words(tmp_path: Path) -> None:
    cold, warm = page_of(tmp_path).passages
    assert [block.shown for block in cold.blocks] == [
        "Cool the skin with: a cold pack.",
        "• a pack from the fridge",
        "• frozen peas",
    ]
    assert [block.lines for block in cold.blocks] == [Lines(3, 3), Lines(5, 5), Lines(6, 7)]
    assert cold.summary == {"ru": "Холодный пакет на десять минут."}
    assert cold.search_words == {"en": ("ice", "frozen peas", "cool the skin"), "ru": ("лёд",)}
    assert warm.only_for == "warmth"
    assert (cold.section, cold.section_is_ours) == ("Restored", True)


def test_the_most_specific_block_renders_a_line(tmp_path: Path) -> None:
    cold = page_of(tmp_path).passages[0]
    assert [cold.block_of_line(line) for line in (3, 4, 5, 7)] == [0, None, 1, 2]
    assert cold.renders(7)
    assert not cold.renders(8)


def test_a_library_finds_by_id_and_by_line(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    found = library.at("leaf", 6)
    assert found is not None
    assert found.place == "leaf 6-7"
    assert library.at("leaf", 8) is None
    assert library.get("leaf-cold") is library.passages[0]
    assert library.get("leaf-none") is None


def test_around_a_passage_are_its_neighbours_but_not_those_for_special_questions(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    assert library.around(library.passages[0]) == (None, None)
    assert library.around(library.passages[1]) == (library.passages[0], None)


def test_a_place_with_words_marks_only_these(tmp_path: Path) -> None:
    problems = Problems()
    entry = parse_yaml('{at: "leaf:7", says: FROZEN}', "case.yaml", problems).fields(required=("at", "says"))
    cited = library_of(tmp_path).cite(entry["at"], entry["says"])
    assert cited is not None
    span = cited.marked[0]
    assert cited.passage.blocks[span.block].text[span.start : span.end] == "frozen"
    assert problems.found == []


def test_every_line_of_the_original_is_accounted_for(tmp_path: Path) -> None:
    problems = Problems()
    originals = Originals({"leaf": ORIGINAL})
    note_uncovered(library_of(tmp_path), {}, originals, problems)
    assert problems.found == []


def test_a_line_that_nothing_renders_is_named_where_it_belongs(tmp_path: Path) -> None:
    page = page_of(tmp_path)
    problems = Problems()
    note_uncovered(Library([page]), {}, Originals({"leaf": (*ORIGINAL[:7], "lost", *ORIGINAL[8:])}), problems)
    said = str(problems.found[0])
    assert said.startswith(f"{page.file}:13:1: line 8 of leaf.txt is rendered by no passage from here on")
    assert "write one with lines=8" in said
    assert len(problems.found) == 1


@pytest.mark.parametrize(
    ("original", "reason"),
    [(ORIGINAL[:8], "line 9 is beyond the end of leaf.txt"), ((*ORIGINAL[:8], " "), "line 9 of leaf.txt is blank")],
)
def test_a_rendered_line_that_is_not_there_is_named(tmp_path: Path, original: tuple[str, ...], reason: str) -> None:
    problems = Problems()
    note_uncovered(library_of(tmp_path), {}, Originals({"leaf": original}), problems)
    assert [reason in problem.message for problem in problems.found] == [True]


def test_left_out_lines_need_no_passage_and_must_not_have_one(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    (tmp_path / "left_out").mkdir()
    (tmp_path / "left_out" / "leaf.yaml").write_text("- {lines: '8', reason: advert}\n- {lines: 5-6, reason: no}\n")
    problems = Problems()
    left_out = read_left_out(tmp_path, problems)
    note_uncovered(library, left_out, Originals({"leaf": (*ORIGINAL[:7], "buy", *ORIGINAL[8:])}), problems)
    assert [str(problem.place) for problem in problems.found] == ["corpus/left_out/leaf.yaml:2:11"] * 2
    assert [problem.message.split(";")[1] for problem in problems.found] == [" keep one"] * 2


def test_an_original_is_quoted_by_line_and_only_when_it_is_the_right_one(tmp_path: Path) -> None:
    data = b"one\n\n  two  \nthree\n"
    (tmp_path / "leaf.txt").write_bytes(data)
    right = replace(document(), original_sha256=hashlib.sha256(data).hexdigest())
    originals = read_originals(tmp_path, [right])
    assert originals.text(passage(lines=Lines(1, 3))) == "one\ntwo"
    with pytest.raises(WrongOriginal, match="is not the original"):
        read_originals(tmp_path, [document()])
    with pytest.raises(WrongOriginal, match="cannot be read"):
        read_originals(tmp_path / "nowhere", [right])


def test_an_empty_folder_is_a_problem_and_not_a_crash(tmp_path: Path) -> None:
    problems = Problems()
    assert read_library(tmp_path, problems).passages == ()
    assert len(problems.found) == 1


@given(st.text(alphabet="#-{}=12,. \nlnese:abru*_", max_size=120))
def test_no_page_crashes_the_reader(tmp_path_factory: pytest.TempPathFactory, body: str) -> None:
    path = write_page(tmp_path_factory.mktemp("page"), body)
    page = read_page(path, Problems())
    for read in page.passages if page else ():
        assert read.blocks
        assert read.lines


@given(st.data())
def test_a_page_damaged_anywhere_is_read_or_complained_of(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    text = (CORPUS / "articles" / "neck.md").read_text(encoding="utf-8")[:6000]
    at = data.draw(st.integers(0, len(text)))
    damaged = text[:at] + data.draw(st.text(max_size=4)) + text[at + data.draw(st.integers(0, 60)) :]
    path = tmp_path_factory.mktemp("page") / "neck.md"
    path.write_bytes(damaged.encode("utf-8", "surrogatepass"))
    problems = Problems()
    page = read_page(path, problems)
    assert page is not None or problems.found


def test_the_passage_that_the_readme_shows_is_read(tmp_path: Path) -> None:
    told = (CORPUS / "README.md").read_text(encoding="utf-8")
    shown = dedent(told[told.index("    ### Cold packs") : told.index("- The title is short")])
    passage_shown = page_of(tmp_path, shown).passages[0]
    assert [block.lines for block in passage_shown.blocks] == [Lines(12, 12), Lines(14, 14), Lines(15, 15)]
    assert set(passage_shown.search_words) == {"en", "ru"}
