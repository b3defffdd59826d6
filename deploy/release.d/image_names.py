# SPDX-License-Identifier: Apache-2.0
"""Gives an image archive one name: the tools write all that the image has on this machine into it.

    image_names.py ARCHIVE NEW_ARCHIVE NAME

In the new archive are the manifest, the configuration and the layers, in the format of `docker save`,
and not what that has for Docker before 1.10.
"""

import io
import json
import sys
import tarfile


def add(archive, name, size, content):
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o644
    archive.addfile(member, content)


def main(old, new, image):
    with tarfile.open(old) as source, tarfile.open(new, "w", format=tarfile.USTAR_FORMAT) as made:
        [manifest] = json.load(source.extractfile("manifest.json"))
        for name in dict.fromkeys([*manifest["Layers"], manifest["Config"]]):
            member = source.getmember(name)
            add(made, name, member.size, source.extractfile(member))
        manifest["RepoTags"] = [image]
        text = json.dumps([manifest]).encode()
        add(made, "manifest.json", len(text), io.BytesIO(text))


if __name__ == "__main__":
    main(*sys.argv[1:])
