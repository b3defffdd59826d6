# SPDX-License-Identifier: Apache-2.0
"""docs/operating.md: the configuration that it shows is one that the service takes."""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import names
import pages

PAGE = pages.DOCS / "operating.md"


class OperatingTest(unittest.TestCase):
    def test_the_configuration_is_right(self):
        configurations = [text for language, text in pages.blocks(pages.read(PAGE))
                          if language == "conf"]
        self.assertTrue(configurations)
        for text in configurations:
            with self.subTest(text), tempfile.TemporaryDirectory() as folder:
                # Files and folders that a package or systemd makes.
                made = Path(folder, "file")
                made.write_text("secret")
                text = re.sub(r'(?<=_file = ")[^"]+', str(made), text)
                text = re.sub(r"/(?:var/lib|run)/wirepas-grpcd(?=[/\"])", folder, text)
                conf = Path(folder, "conf")
                conf.write_text(text)
                done = subprocess.run([names.programs()[0], "--check", "--config", conf],
                                      capture_output=True, text=True, timeout=30, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
