"""Answers that attack: each is refused or contained, and the student is told something that can be understood."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from code_questions import QUESTION, body, graded
from dlcheck.errors import DlcheckError
from dlcheck.quiz import coded, sandbox
from dlcheck.quiz.inside.confine import LINUX

WITHOUT_BUBBLEWRAP = "these guarantees are bubblewrap's: "
filtered = pytest.mark.skipif(not LINUX, reason="the kernel's filter is Linux's")


@pytest.fixture
def bubblewrap():
    """Skips where it does not work."""
    if not sandbox.level().is_best:
        pytest.skip(WITHOUT_BUBBLEWRAP + sandbox.level().missing)


@pytest.fixture
def no_bubblewrap(monkeypatch):
    """A machine that does not have it."""
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    sandbox.level.cache_clear()
    yield
    sandbox.level.cache_clear()


@pytest.fixture
def no_landlock(no_bubblewrap, monkeypatch):
    """An old kernel, too."""
    fails = sandbox._fails
    monkeypatch.setattr(sandbox, "_fails", lambda prefix, readable=(): "no" if readable else fails(prefix))


@pytest.fixture(params=["best", "no bubblewrap"])
def any_level(request):
    """The best that this machine can do, and what it does without bubblewrap."""
    if request.param == "no bubblewrap":
        request.getfixturevalue("no_bubblewrap")
    elif not sandbox.level().is_best:
        pytest.skip(WITHOUT_BUBBLEWRAP + sandbox.level().missing)


@pytest.fixture
def soon(monkeypatch):
    """Two seconds for each answer."""
    monkeypatch.setattr(coded, "Limits", lambda: sandbox.Limits(seconds=2))


ATTACKS = {
    "a pass is printed": (["print('PASSED', flush=True)", "os._exit(0)"], "ended the process (exit code 0)"),
    "what looks like a result is printed": (
        ['sys.stdout.write(\'[{"fields": {"values": [], "raised": null}}]\\n\')', "sys.stdout.flush()", "return x"],
        "Expected 3 at [1, 2], got 6.",
    ),
    "the frames above are read": (
        [
            "frame, seen = sys._getframe(), []",
            "while frame := frame.f_back: seen += [*frame.f_locals, *frame.f_globals]",
            "assert 'reference' not in seen and 'expected' not in seen and 'exercise' not in seen",
            "return x",
        ],
        "Expected 3 at [1, 2], got 6.",
    ),
    "the comparison is patched": (
        [
            "torch.allclose = torch.equal = torch.isclose = torch.testing.assert_close = lambda *a, **k: True",
            "torch.Tensor.__eq__ = torch.Tensor.eq = lambda *a: torch.tensor(True)",
            "torch.Tensor.isfinite = torch.Tensor.any = torch.Tensor.all = lambda *a: True",
            "return x",
        ],
        "Expected 3 at [1, 2], got 6.",
    ),
    "the object is equal to everything": (
        ["class Equal:", "    def __eq__(self, other): return True", "return Equal()"],
        "got an object of type Equal.",
    ),
    "the tensor is of a class of its own": (
        [
            "class Mine(torch.Tensor):",
            "    @classmethod",
            "    def __torch_function__(cls, *a, **k): return True",
            "return x.as_subclass(Mine)",
        ],
        "got an object of type Mine.",
    ),
    "10 GB are written": (
        ["with open('big', 'wb') as file:", "    for _ in range(10_000): file.write(bytes(1 << 20))", "return x / 2"],
        "An answer runs sealed off",
    ),
    "30 GB are allocated": (["return torch.zeros(30 << 30, dtype=torch.uint8)"], "more memory than an answer may have"),
    "4 GB are allocated": (["return torch.ones(4 << 30, dtype=torch.uint8)"], "more memory than an answer may have"),
    "30 GB are a list": (["return bytearray(30 << 30)"], "more memory than an answer may have"),
    "10 GB are returned": (["return torch.zeros(1).expand(2_500_000_000)"], "got (2500000000,)"),
    "limits are lifted": (
        ["import resource", "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 40, 1 << 40))"],
        "ValueError: not allowed to raise maximum limit",
    ),
    "it recurses": (["return halve(x)"], "RecursionError"),
    "memory is read at no address": (["import ctypes", "ctypes.string_at(0)"], "Its process was killed (signal 11)"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_is_contained(attack):
    """It is wrong, and told why."""
    lines, en = ATTACKS[attack]
    if "memory than" in en and not LINUX:
        pytest.skip("only Linux limits the memory of a process")
    grade = graded(body(*lines))
    assert not grade.right
    assert en in grade.reason.en


@filtered
@pytest.mark.parametrize(
    "lines",
    [
        ["children = [os.fork() for _ in range(200)]"],
        ["import subprocess", "children = [subprocess.Popen(['true']) for _ in range(200)]"],
        ["socket.create_connection(('127.0.0.1', 9), timeout=1)"],
        ["os.kill(os.getppid(), 9)"],
        ["os.execv('/bin/true', ['true'])"],
        ["os.memfd_create('more')"],
        ["import fcntl", "read, _ = os.pipe()", "fcntl.fcntl(read, fcntl.F_SETOWN, os.getppid())"],
        ["os.setpriority(os.PRIO_USER, 0, 19)"],
        ["os.pidfd_open(os.getppid())"],
    ],
    ids=[
        "forks",
        "starts programs",
        "opens a socket",
        "kills its parent",
        "becomes another",
        "has memory that no limit counts",
        "has its parent signalled",
        "slows all of the user's processes",
        "takes hold of its parent",
    ],
)
def test_kernel_refuses(any_level, lines):
    """By the first call, so that nothing has to be cleared up; the student reads that answers run sealed off."""
    if sandbox.level().name == "limits":
        pytest.skip(sandbox.level().missing)
    grade = graded(body(*lines, "return x / 2"))
    assert "PermissionError: [Errno 1] Operation not permitted. An answer runs sealed off" in grade.reason.en


@pytest.mark.parametrize(
    "lines",
    [
        ["time.sleep(3600)"],
        ["while True: pass"],
        ["thread = threading.Thread(target=time.sleep, args=(3600,))", "thread.start()", "thread.join()"],
        ["import signal", "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))", "time.sleep(3600)"],
    ],
    ids=["sleeps", "loops", "waits for a thread", "blocks every signal"],
)
def test_answer_that_does_not_end_is_stopped(any_level, soon, lines):
    """When its time is up."""
    grade = graded(body(*lines))
    assert grade.reason.en == "It was stopped after 2 s. Is there a loop that does not end, or a wait?"
    assert "2초가 지나 중단했습니다." in grade.reason.ko


def test_threads_that_are_left_do_not_matter():
    """The answer was given; the process ends with all of them."""
    began = time.monotonic()
    assert graded(body("threading.Thread(target=time.sleep, args=(3600,)).start()", "return x / 2")).right
    assert time.monotonic() - began < sandbox.START_SECONDS


def test_result_that_is_forged_is_no_result():
    """Even one that is well formed: only the right numbers are right, and for those the exercise has to be solved."""
    forge = [
        'good = b\'[{"fields": {"values": [], "raised": null}}]\\n\'',
        "for file in range(3, 64):",
        "    try: os.write(file, good)",
        "    except OSError: pass",
        "os._exit(0)",
    ]
    grade = graded(body(*forge))
    assert not grade.right
    assert grade.reason == coded.FORGED


def test_secrets_are_out_of_sight(bubblewrap, monkeypatch, tmp_path):
    """Neither files of the user, nor the environment, nor other processes, nor this project's own solutions."""
    (tmp_path / "secret").write_text("swordfish")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("API_TOKEN", "swordfish")
    look = [
        "found = [name for name in ('API_TOKEN', 'DLCHECK_HOME') if name in os.environ]",
        f"found += [path for path in ({str(tmp_path)!r}, {str(Path.home())!r}, '/home') if os.path.exists(path)]",
        f"found += [path for path in ({__file__!r}, '/etc/passwd', '/var', '/run') if os.path.exists(path)]",
        "pids = [name for name in os.listdir('/proc') if name.isdigit()]",
        "for pid in pids:",
        "    found += ['swordfish'] * (b'swordfish' in open(f'/proc/{pid}/environ', 'rb').read())",
        "found += pids[3:]",
        "try:",
        "    import dlcheck.quiz.code; found += ['dlcheck']",
        "except ImportError: pass",
        "raise LookupError(found)",
    ]
    assert "LookupError: []." in graded(body(*look)).reason.en


def test_home_cannot_be_read(bubblewrap, monkeypatch, tmp_path):
    """The message says that files are out of reach."""
    (tmp_path / "secret").write_text("swordfish")
    grade = graded(body(f"return open({str(tmp_path / 'secret')!r}).read()"))
    assert "FileNotFoundError" in grade.reason.en
    assert "without your files" in grade.reason.en


def test_environment_is_scrubbed(no_bubblewrap, monkeypatch):
    """Without bubblewrap too."""
    monkeypatch.setenv("API_TOKEN", "swordfish")
    source = body("raise LookupError(sorted(os.environ))")
    told = graded(source).reason.en
    assert "API_TOKEN" not in told
    assert "LANG" in told


def test_only_a_small_folder_can_be_written(bubblewrap):
    """Files together fill the scratch folder, and everything else is read-only."""
    many = ["for number in range(200):", "    with open(f'{number}', 'wb') as file: file.write(bytes(1 << 20))"]
    assert "No space left on device" in graded(body(*many)).reason.en
    places = ["/", "/dev/shm", "/usr", sys.prefix]
    tries = [
        "made = []",
        f"for place in {places!r}:",
        "    try: open(f'{place}/made', 'w').close(); made.append(place)",
        "    except OSError: pass",
        "raise LookupError(made)",
    ]
    assert "LookupError: []." in graded(body(*tries)).reason.en


def test_landlock_keeps_files_out_of_reach(no_bubblewrap, tmp_path):
    """Without bubblewrap nothing can be opened but Python, and nothing written; the environment of the quiz neither."""
    if sandbox.level().name != "landlock":
        pytest.skip("this kernel has no Landlock")
    (tmp_path / "secret").write_text("swordfish")
    tries = [
        "opened = []",
        f"for place in ({str(tmp_path / 'secret')!r}, {__file__!r}, '/etc/passwd', f'/proc/{{os.getppid()}}/environ'):",
        "    try: opened.append(open(place).read())",
        "    except OSError: pass",
        f"for place in ('.', '/tmp', '/dev/shm', {str(tmp_path)!r}, {sys.prefix!r}):",
        "    try: opened.append(open(place + '/made', 'w'))",
        "    except OSError: pass",
        "raise LookupError(opened)",
    ]
    assert "LookupError: []." in graded(body(*tries)).reason.en
    assert graded(QUESTION.solution, gradients=True).right


def test_files_are_small_where_they_can_be_written(no_landlock):
    """With limits alone."""
    lines = ["with open('big', 'wb') as file:", "    for _ in range(10_000): file.write(bytes(1 << 20))"]
    assert "OSError: [Errno 27] File too large" in graded(body(*lines)).reason.en


def test_nothing_is_left_behind(no_landlock, monkeypatch, tmp_path):
    """No scratch folder, no process."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    sandbox.tempfile.tempdir = None
    try:
        graded(body("open('left', 'w').close()", "os._exit(3)"))
        assert os.listdir(tmp_path) == []
    finally:
        sandbox.tempfile.tempdir = None


def test_level_is_the_best_that_works(no_landlock):
    """Never silently less: it has a name, words in both languages, and what is missing."""
    level = sandbox.level()
    assert level.name == ("filter" if LINUX else "limits")
    assert "bwrap is not installed" in level.missing or not LINUX
    assert all(level.words)


def test_bubblewrap_that_does_not_work_is_not_used(monkeypatch, tmp_path):
    """It is probed by running it; what it said goes with the level."""
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: str(broken))
    sandbox.level.cache_clear()
    try:
        if LINUX:
            assert sandbox.level().missing == (
                "bwrap does not work here (bwrap: setting up uid map: Permission denied)"
            )
        assert not sandbox.level().is_best
    finally:
        sandbox.level.cache_clear()


def test_sandbox_can_be_required(no_bubblewrap):
    """Where bubblewrap does not work, the reason is told."""
    with pytest.raises(DlcheckError, match=r"--require-sandbox: expected bubblewrap to work, got"):
        sandbox.require()


def test_python_that_does_not_start_is_told(no_bubblewrap, monkeypatch):
    """It is no fault of the answer."""
    sandbox.level()
    monkeypatch.setattr(sandbox, "BEGIN", "raise ImportError('no torch here'); ")
    with pytest.raises(DlcheckError, match=r"cannot run code answers: .* ImportError: no torch here"):
        graded(QUESTION.solution)


def test_answer_dies_with_the_quiz(tmp_path):
    """Killed in the middle, it leaves no process that goes on."""
    script = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from code_questions import body, graded\n"
        "from dlcheck.quiz import sandbox\n"
        "start = sandbox._await_start\n"
        "def told(process): start(process); print(process.pid, flush=True)\n"
        "sandbox._await_start = told\n"
        "graded(body('time.sleep(3600)'))\n"
    )
    if not LINUX:
        pytest.skip("only Linux lets a process die with its parent")
    support = str(Path(__file__).parents[1] / "support")
    quiz = subprocess.Popen([sys.executable, "-c", script, support], stdout=subprocess.PIPE, text=True)
    assert quiz.stdout
    pid = int(quiz.stdout.readline())
    quiz.kill()
    quiz.wait()
    quiz.stdout.close()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and _is_alive(pid):
        time.sleep(0.01)
    assert not _is_alive(pid)


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("command", ["quiz", "review"])
def test_command_refuses_to_begin(command, tmp_path):
    """With --require-sandbox, where bubblewrap is missing: one line, and code 2."""
    environment = {**os.environ, "PATH": str(tmp_path), "DLCHECK_HOME": str(tmp_path)}
    line = [sys.executable, "-m", "dlcheck", command, "--require-sandbox"]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--require-sandbox: expected bubblewrap to work, got" in done.stderr
    assert "Traceback" not in done.stderr


ELSEWHERE = """
import sys
site = sys.argv[1]
sys.path.insert(0, site)
from dlcheck.quiz import sandbox
from dlcheck.quiz.inside.wire import unpack
places = [f"{site}/dlcheck_questions", f"{site}/dlcheck", f"{site}/dlcheck/quiz"]
source = "import os\\ndef seen(*places): return [os.listdir(place) for place in places]"
order = {"programs": [source], "function": "seen", "cases": [places], "cotangents": [None]}
[answers] = unpack(sandbox.run(order, sandbox.Limits()).output)
print(sandbox.HERE, sandbox.level().name, answers["values"][0]["value"])
"""


def test_installation_may_be_anywhere(bubblewrap, tmp_path):
    """In /tmp for instance, where the scratch folder is; our own package is out of sight, solutions and all."""
    site = tmp_path / "site-packages"
    site.mkdir()
    shutil.copytree(sandbox.HERE.parent, site / "dlcheck", ignore=shutil.ignore_patterns("__pycache__"))
    (site / "dlcheck_questions").mkdir()
    (site / "dlcheck_questions" / "answers.yaml").write_text("swordfish")
    done = subprocess.run([sys.executable, "-c", ELSEWHERE, str(site)], capture_output=True, text=True, cwd="/")
    assert done.stdout == f"{site}/dlcheck/quiz bubblewrap ((), ('quiz',), ('inside',))\n"
