"""The state of an installation: versions, devices, threads, sandbox, store, plugins, and what is missing for what."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from rich.console import Console

import dlcheck
from dlcheck.api import Lang, Text
from dlcheck.engine.devices import default_jobs
from dlcheck.engine.store import Store
from dlcheck.home import home
from dlcheck.plugins import load
from dlcheck.quiz.sandbox import level
from dlcheck.report.details import Fields
from dlcheck.report.text import Part, styled

CODE_ANSWERS = Text("code answers", "코드 답안")


@dataclass(frozen=True)
class Finding:
    """One line of the report. missing: what does not work because of it, or what is wrong.  broken: mend it."""

    name: str
    found: str
    missing: str = ""
    broken: bool = False


def examine(lang: Lang = "en") -> list[Finding]:
    """lang: of the line that students read, on how their code is contained."""
    return [*_versions(), *_devices(), *_processors(), *_sandbox(lang), *_store(), *_plugins()]


def _versions() -> Iterator[Finding]:
    yield Finding("dlcheck", dlcheck.__version__)
    yield Finding("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    for name in ("torch", "numpy", "scikit-learn"):
        try:
            yield Finding(name, version(name))
        except PackageNotFoundError:
            yield Finding(name, "not installed", "experiments cannot run: pip install dlcheck", broken=True)


def _devices() -> Iterator[Finding]:
    yield Finding("device cpu", "here")
    try:
        import torch
    except Exception as error:  # a damaged installation fails in many ways, and doctor is there to say so
        yield Finding("device cuda, mps", "unknown", f"torch cannot be imported ({error}): reinstall it", broken=True)
        return
    names = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
    no_cuda = "torch finds no NVIDIA GPU" if torch.version.cuda else "it needs a torch built with CUDA (pytorch.org)"
    yield Finding("device cuda", ", ".join(names) or "not here", "" if names else f"--device cuda: {no_cuda}")
    mps = torch.backends.mps.is_available()
    yield Finding("device mps", "here" if mps else "not here", "" if mps else "--device mps: it needs an Apple GPU")


def _processors() -> Iterator[Finding]:
    yield Finding("cores", f"{os.cpu_count()}, of which dlcheck may use {default_jobs('cpu')}")
    yield Finding("threads", f"1 per worker, {default_jobs('cpu')} workers at once (--jobs)")


def _sandbox(lang: Lang) -> Iterator[Finding]:
    here = level()
    missing = "" if here.is_best else f"--require-sandbox: {here.missing}"
    yield Finding(CODE_ANSWERS(lang), f"{here.name} · {here.words(lang)}", missing)


def _store() -> Iterator[Finding]:
    notices: list[str] = []
    with Store.default(notice=notices.append) as store:
        path, count = store.path, store.count()
    if notices:
        yield Finding("store", str(path), "; ".join(notices), broken=True)
        return
    size = sum(part.stat().st_size for part in home().glob(f"{path.name}*"))
    yield Finding("store", f"{path} · {count:,} saved cells · {size / 2**20:.1f} MiB · healthy")


def _plugins() -> Iterator[Finding]:
    for plugin in load().plugins:
        told = f"{plugin.distribution} {plugin.version}".strip()
        faults = "; ".join(fault.reason for fault in plugin.faults)
        missing = f"{faults}. How to mend it: dlcheck plugins" if faults else ""
        yield Finding(f"plugin {plugin.name}", told, missing, broken=bool(faults))


def print_findings(console: Console, findings: list[Finding]) -> None:
    console.print(Fields([(finding.name, styled(*_told(finding))) for finding in findings]))


def _told(finding: Finding) -> list[Part]:
    if not finding.missing:
        return [finding.found]
    style = "bold red" if finding.broken else ""
    return [
        (f"{'! ' if finding.broken else ''}{finding.found}", style),
        f" · missing for {finding.missing}" if not finding.broken else f" · {finding.missing}",
    ]
