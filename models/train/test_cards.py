"""The model cards are those of the manifest."""
import os
import unittest

from . import cards


class Cards(unittest.TestCase):
    def test_the_page_is_what_the_manifest_gives(self):
        with open(os.path.join(cards.MODELS, "README.md")) as f:
            self.assertEqual(f.read(), cards.render(), "run: make cards")

    def test_what_several_levels_need_is_counted_once(self):
        task = {"parts": {"a": 100, "b": 10}, "levels": [
            {"name": "l", "bytes": 1, "parts": ["a", "b"]}, {"name": "m", "bytes": 2, "parts": ["a"]},
            {"name": "s", "bytes": 3}]}
        self.assertEqual(cards.storage(task, ["l", "m", "s"]), (116, 216))
        self.assertEqual(cards.storage(task, ["m"]), (102, 102))

    def test_sections(self):
        page = "# A\n\n## Training data\n\none\n\n## Limits\n\n- two\n"
        self.assertEqual([cards.section(page, t) for t in ("Training data", "Limits", "None")], ["one", "- two", ""])


if __name__ == "__main__":
    unittest.main()
