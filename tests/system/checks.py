# SPDX-License-Identifier: Apache-2.0
"""What must hold of the installed package under a real systemd: each check is a function, whose first line says what it shows."""
import os
import pathlib
import re
import signal
import time

from machine import Load, Origin, get, run, serve, shown, until

CONFIG = pathlib.Path("/etc/rhumb/rhumb.yaml")
DROP_IN = pathlib.Path("/etc/systemd/system/rhumb.service.d/test.conf")
GOOD = """\
version: 1
gateway: {workers: 2, drain_timeout: 5s}
admin: {address: "unix:/run/rhumb/admin.sock"}
access_log: {path: /var/log/rhumb/access.log}
listeners:
  - {name: web, address: "127.0.0.1:80"}
regions:
  - {name: home, weight: 100, endpoints: ["127.0.0.1:9001"], health: {interval: 1s}}
sessions: {keys: [{id: 1, secret: "0123456789abcdef0123456789abcdef"}]}
routes: [{name: all, strategy: priority}]
"""


def installed():
    """the package is installed, has made its user, has not started, and said what to do"""
    said = pathlib.Path("/test/install.log").read_text(encoding="utf-8")
    assert "has no regions yet" in said and "systemctl enable --now rhumb" in said, said[-500:]
    assert "rhumb" in run("id", "rhumb")
    assert shown("ActiveState") == "inactive"
    assert run("systemctl", "is-enabled", "rhumb", expect=None).strip() == "disabled"


def empty_configuration():
    """started with the file as shipped it fails at once, says why, and is not tried again"""
    run("systemctl", "start", "rhumb", expect=1)
    assert shown("ExecMainStatus") == "78" and shown("NRestarts") == "0", shown("ExecMainStatus")
    assert "E0117" in run("journalctl", "-u", "rhumb", "--no-pager")
    run("systemctl", "reset-failed", "rhumb")


def starts():
    """it starts, serves port 80 without being root, and tells its state in systemctl status"""
    CONFIG.write_text(GOOD, encoding="utf-8")
    serve(Origin, 9001)
    run("systemctl", "enable", "--now", "rhumb")
    assert shown("ActiveState") == "active"
    assert get() == 200
    pid = shown("MainPID")
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    assert re.search(r"^Uid:\s+[1-9]", status, re.M), status
    assert re.search(r"^CapEff:\s+0000000000000400$", status, re.M), status
    until(lambda: "1 of 1 regions up" in shown("StatusText"), shown("StatusText"))
    return shown("StatusText")


def commands():
    """the commands of every day reach the running gateway through its socket"""
    assert "home" in run("rhumb", "regions")
    assert "ready" in run("curl", "-sS", "--unix-socket", "/run/rhumb/admin.sock", "http://localhost/readyz")
    assert "rhumb_build_info" in run("curl", "-sS", "--unix-socket", "/run/rhumb/admin.sock", "http://localhost/metrics")
    assert oct(os.stat("/run/rhumb/admin.sock").st_mode & 0o777) == "0o600"


def reload_good():
    """systemctl reload applies a good file and shows the new generation"""
    CONFIG.write_text(GOOD.replace("weight: 100", "weight: 50"), encoding="utf-8")
    run("systemctl", "reload", "rhumb")
    assert "generation 2" in shown("StatusText") and "applied" in shown("StatusText"), shown("StatusText")


def reload_bad():
    """systemctl reload fails on a bad file, shows the reason with its place, and the gateway serves on"""
    CONFIG.write_text(GOOD.replace("weight:", "wieght:"), encoding="utf-8")
    run("systemctl", "reload", "rhumb", expect=1)
    assert "REFUSED" in shown("StatusText") and "rhumb.yaml:8:" in shown("StatusText"), shown("StatusText")
    assert run("rhumb", "reload", "--wait", expect=78)
    assert get() == 200 and shown("ActiveState") == "active"
    said = shown("StatusText")
    CONFIG.write_text(GOOD, encoding="utf-8")
    run("systemctl", "reload", "rhumb")
    return said


def upgrades():
    """twenty upgrades under load, by the command and by the signal, lose no request"""
    load = Load()
    for i in range(20):
        before = shown("MainPID")
        if i % 2:
            run("rhumb", "upgrade")
        else:
            run("systemctl", "kill", "--signal=USR2", "--kill-who=main", "rhumb")
        until(lambda was=before: shown("MainPID") not in (was, "0"), "another main process")
        assert shown("ActiveState") == "active"
    said = load.stop()
    until(lambda: len(run("pgrep", "-x", "rhumb").split()) == 1, "only the last process is left")
    until(lambda: "generation 1" in shown("StatusText"), "the last process tells its state")
    return said


def upgrade_refused():
    """an upgrade to a file that cannot serve leaves the old process serving"""
    before = shown("MainPID")
    CONFIG.write_text("nonsense", encoding="utf-8")
    assert "refused" in run("rhumb", "upgrade", expect=1)
    assert shown("MainPID") == before and get() == 200
    CONFIG.write_text(GOOD, encoding="utf-8")


def package_upgrade():
    """installing the package again upgrades the running gateway under load"""
    load, before = Load(), shown("MainPID")
    run("dpkg", "-i", "/test/rhumb.deb")
    until(lambda: shown("MainPID") not in (before, "0"), "another main process")
    return load.stop()


def crash():
    """after a crash a new process serves, and nobody who connected meanwhile was refused"""
    before = shown("MainPID")
    os.kill(int(before), signal.SIGSEGV)
    begun, refused = time.monotonic(), 0
    while True:
        try:
            if get() == 200:
                break
        except ConnectionRefusedError:
            refused += 1
        except OSError:
            pass  # the connection that the crash cut
    took = time.monotonic() - begun
    assert refused == 0, f"{refused} connections refused"
    until(lambda: shown("MainPID") not in (before, "0"), "another main process")
    return f"served again after {took * 1000:.0f} ms"


def watchdog():
    """a process that does not move is ended by the watchdog and started again"""
    DROP_IN.parent.mkdir(exist_ok=True)
    DROP_IN.write_text("[Service]\nWatchdogSec=2\n", encoding="utf-8")
    run("systemctl", "daemon-reload")
    run("systemctl", "restart", "rhumb")
    before = shown("MainPID")
    fed = {shown("WatchdogTimestampMonotonic")}
    until(lambda: fed.add(shown("WatchdogTimestampMonotonic")) or len(fed) > 4, "the watchdog is fed")
    assert shown("MainPID") == before, "it was ended while it was well"
    os.kill(int(before), signal.SIGSTOP)
    until(lambda: shown("MainPID") not in (before, "0") and shown("ActiveState") == "active", "a new process", 30)
    assert get() == 200
    DROP_IN.unlink()


def credentials():
    """a secret comes as a credential, which only the service can read"""
    secret = pathlib.Path("/root/session.key")
    secret.write_text("fedcba9876543210fedcba9876543210\n", encoding="utf-8")
    secret.chmod(0o600)
    DROP_IN.write_text(f"[Service]\nLoadCredential=session.key:{secret}\n", encoding="utf-8")
    CONFIG.write_text(GOOD.replace('"0123456789abcdef0123456789abcdef"', '"!file session.key"'), encoding="utf-8")
    run("systemctl", "daemon-reload")
    run("systemctl", "restart", "rhumb")
    assert get() == 200
    assert "fedcba" not in run("journalctl", "-u", "rhumb", "--no-pager")
    DROP_IN.unlink()
    CONFIG.write_text(GOOD, encoding="utf-8")
    run("systemctl", "daemon-reload")


def socket_activation():
    """it takes the sockets of a .socket unit"""
    unit = pathlib.Path("/etc/systemd/system/rhumb.socket")
    unit.write_text("[Socket]\nListenStream=127.0.0.1:80\n[Install]\nWantedBy=sockets.target\n", encoding="utf-8")
    run("systemctl", "daemon-reload")
    run("systemctl", "stop", "rhumb")
    run("systemctl", "start", "rhumb.socket")
    assert get() == 200, "the first connection starts the service"
    assert shown("ActiveState") == "active"
    inode = re.search(r"ino:(\w+)", run("ss", "-Hltne", "sport = :80"))
    run("systemctl", "restart", "rhumb")
    assert inode[1] in run("ss", "-Hltne", "sport = :80"), "the manager's socket lives on"
    run("systemctl", "stop", "rhumb.socket", "rhumb")
    unit.unlink()
    run("systemctl", "daemon-reload")
    run("systemctl", "start", "rhumb")


def rotation():
    """logrotate moves the access log away, and the next lines are in a new file"""
    log, before = pathlib.Path("/var/log/rhumb/access.log"), pathlib.Path("/var/log/rhumb/access.log.1")
    get()
    until(lambda: log.stat().st_size > 0, "a line")
    run("logrotate", "--force", "/etc/logrotate.d/rhumb")
    assert before.stat().st_size > 0
    until(lambda: get() and log.exists() and log.stat().st_size > 0, "a line in the new file")
    assert log.owner() == "rhumb" and not log.stat().st_mode & 0o007


def memory():
    """the service's memory is bounded, and the gateway can see by how much"""
    high, most = shown("MemoryHigh"), shown("MemoryMax")
    assert high.isdigit() and most.isdigit() and 0.97 * int(most) < int(high) < int(most), f"MemoryHigh={high} MemoryMax={most}"
    pid = shown("MainPID")
    group = re.search(r"(?m)^0::(.*)$", pathlib.Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8"))[1]
    seen = pathlib.Path(f"/proc/{pid}/root/sys/fs/cgroup{group}/memory.max")
    if not seen.exists():
        return "only what systemd says: this machine has no memory controller of cgroup version 2"
    assert abs(int(seen.read_text(encoding="utf-8")) - int(most)) < 1 << 20, seen.read_text(encoding="utf-8")
    return f"{int(most) >> 20} MiB"


def hardening():
    """the unit's exposure is at most 1.5"""
    said = run("systemd-analyze", "security", "--no-pager", "--threshold=15", "rhumb.service")
    return re.search(r"exposure level for rhumb.service: (\S+)", said)[1]


def stops():
    """stop drains and ends with exit code 0, and leaves no socket"""
    run("systemctl", "stop", "rhumb")
    assert shown("ExecMainStatus") == "0" and shown("Result") == "success", shown("Result")
    assert not run("ss", "-Hltn", "sport = :80").strip()
    assert not os.path.exists("/run/rhumb/admin.sock")


def removed():
    """purge stops the service and leaves nothing but the user"""
    run("systemctl", "start", "rhumb")
    run("apt-get", "purge", "-y", "-q", "rhumb")
    for path in ("/etc/rhumb", "/var/lib/rhumb", "/var/log/rhumb", "/run/rhumb", "/usr/bin/rhumb", "/etc/apparmor.d/rhumb",
                 "/etc/logrotate.d/rhumb", "/usr/lib/systemd/system/rhumb.service"):
        assert not os.path.exists(path), path
    assert "could not be found" in run("systemctl", "status", "rhumb", expect=None)
    assert run("pgrep", "-x", "rhumb", expect=1) == ""


FIRST = [starts]  # what every other needs
ALL = [installed, empty_configuration, starts, commands, reload_good, reload_bad, upgrades, upgrade_refused, package_upgrade, crash, watchdog,
       credentials, socket_activation, rotation, memory, hardening, stops, removed]
