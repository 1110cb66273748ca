"""How long a start takes, as ratios to a bare interpreter in one run, and which third-party modules it loads.

    python benchmarks/startup.py [--rounds N]

Every command runs once in each round, so that a noisy machine is noisy for all of them; the least of all rounds counts.
Modules are compiled ahead, as pip does it: otherwise a checkout would be compiled anew at every start.
"""

import argparse
import compileall
import json
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import mlpreflight

TEMPLATE = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {"action": {"type": "string", "defaultValue": "Deny"}},
    "resources": [
        {
            "type": "Microsoft.Storage/storageAccounts",
            "apiVersion": "2023-05-01",
            "name": f"[concat('st{number}', uniqueString(resourceGroup().id))]",
            "location": "[resourceGroup().location]",
            "kind": "StorageV2",
            "sku": {"name": "Standard_LRS"},
            "properties": {
                "minimumTlsVersion": "TLS1_2",
                "networkAcls": {"defaultAction": "[parameters('action')]", "bypass": "AzureServices"},
            },
        }
        for number in range(8)
    ],
}
AIMS = {"--version": 6, "check, console": 12, "check, JSON": 12}


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def third_party(tool: list[str]) -> list[str]:
    """The packages outside of the standard library that a command has loaded when it ends."""
    code = (
        "import sys, runpy, atexit, json\n"
        "atexit.register(lambda: print(json.dumps(sorted({n.split('.')[0] for n in sys.modules})), file=sys.stderr))\n"
        f"sys.argv = {['mlpreflight', *tool]!r}\n"
        "runpy.run_module('mlpreflight', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    loaded = json.loads(done.stderr.strip().splitlines()[-1])
    own = set(sys.stdlib_module_names) | {"mlpreflight", "__main__", "sitecustomize", "usercustomize"}
    return [name for name in loaded if name not in own and not name.startswith("_")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=25)
    rounds = parser.parse_args().rounds
    compileall.compile_dir(Path(mlpreflight.__file__).parent, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "main.json"
        path.write_text(json.dumps(TEMPLATE, indent=2), encoding="utf-8")
        tool = str(Path(sysconfig.get_path("scripts")) / "mlpreflight")
        arguments = {
            "--version": ["--version"],
            "check, console": ["check", str(path)],
            "check, JSON": ["check", str(path), "--format", "json"],
        }
        commands = {"python -c pass": [sys.executable, "-c", "pass"]}
        commands |= {name: [tool, *given] for name, given in arguments.items()}
        for command in commands.values():
            seconds(command)
        least = {
            name: min(times)
            for name, times in zip(
                commands,
                zip(*([seconds(c) for c in commands.values()] for _ in range(rounds)), strict=True),
                strict=True,
            )
        }
        base = least["python -c pass"]
        print(
            f"template: {path.stat().st_size / 1000:.1f} kB; Python {sys.version.split()[0]}; least of {rounds} rounds"
        )
        for name, best in least.items():
            aim = f"  (aim: {AIMS[name]}x)" if name in AIMS else ""
            print(f"{name:<16} {best * 1000:7.1f} ms  {best / base:5.1f}x{aim}")
        for name, given in arguments.items():
            print(f"{name:<16} loads {', '.join(third_party(given)) or 'nothing else'}")


if __name__ == "__main__":
    main()
