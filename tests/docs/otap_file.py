# SPDX-License-Identifier: Apache-2.0
"""Makes files that look like an .otap file: with a header that fits to the content."""


def crc16(content):
    crc = 0xFFFF
    for byte in content:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def scratchpad_file(content):
    tag = bytes.fromhex("53435231 9a933082 d9eb0afc 3121e337")
    return (tag + len(content).to_bytes(4, "little") + crc16(content).to_bytes(2, "little")
            + bytes(6) + b"\xff" * 4 + content)
