"""rtmdl import, as its users call it."""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOREIGN = ROOT / "internal" / "importer" / "testdata"


def test_a_humble_bag_becomes_one_that_can_be_played(programs, tmp_path):
    out = tmp_path / "drive.mcap"
    status, said = programs.run("rtmdl", "import", FOREIGN / "sqlite", "--quiet", "--out", out)
    assert status == 0, said
    assert "20 messages" in said
    status, said = programs.run("rtmdl", "replay", FOREIGN / "sqlite", "--quiet")
    assert status != 0
    assert "rtmdl import" in said, "the remedy is named"
    status, said = programs.run("rtmdl", "replay", out, "--quiet", "--subscribers", "0", "--settle", "0s")
    assert status == 0, said


def test_what_is_there_is_not_overwritten_and_nothing_is_left_of_a_failure(programs, tmp_path):
    out = tmp_path / "drive.mcap"
    out.write_bytes(b"precious")
    status, said = programs.run("rtmdl", "import", FOREIGN / "sqlite", "--quiet", "--out", out)
    assert status == 2
    assert "there already" in said
    assert out.read_bytes() == b"precious"
    (tmp_path / "bad.db3").write_bytes(b"SQLite format 3\0 and no more")
    status, said = programs.run("rtmdl", "import", tmp_path / "bad.db3", "--quiet", "--out", tmp_path / "new.mcap")
    assert status != 0
    assert not list(tmp_path.glob("new.mcap*"))


def test_pictures_become_a_camera(programs, tmp_path):
    status, said = programs.run("rtmdl", "import", ROOT / "internal" / "camera" / "testdata" / "pictures", "--quiet", "--rate", "10",
                                "--out", tmp_path / "p.mcap")
    assert status == 0, said
    status, said = programs.run("rtmdl", "replay", tmp_path / "p.mcap", "--quiet", "--subscribers", "0", "--settle", "0s")
    assert status == 0, said
