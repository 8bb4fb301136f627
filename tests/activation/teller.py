"""A program that tells a device something and may be killed on the way.

``teller.py <driver> <folder> <service> <count> <kill at>``: configure ``count`` services of one
device under rising tickets from 10 on; when the driver touches a file for the ``kill at``-th time
(0: never), the program kills itself as a power cut would. Below 0 the system kills it in the middle
of a write, after that many bytes of a file.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from banyan.components.activation.adapters.device import Device, DriverSettings, find_drivers

DEVICE = Device("north", "olt-1", "rack 1")


def main(driver_name: str, folder: str, name: str, count: int, kill_at: int) -> None:
    """Tell the device, or die trying."""
    driver = find_drivers(DriverSettings(Path(folder)))[driver_name]
    touched = 0

    def kill(event: str, _arguments: Any) -> None:
        nonlocal touched
        if event in ("open", "os.rename", "fcntl.flock"):
            touched += 1
            if touched == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(kill)
    if kill_at < 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (-kill_at, -kill_at))
    for number in range(count):
        service = name if count == 1 else f"{name}-{number}"
        driver.configure(DEVICE, service, {"profile": "new", "lanes": [1, 2, 3]}, 10 + number)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
