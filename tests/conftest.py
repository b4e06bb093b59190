"""What several rooms test with: one Spark session, one PostgreSQL server."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same examples in every run; a busy machine is no failure. Other examples by
# `pytest --hypothesis-profile=default`.
settings.register_profile(
    "steady",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def spark():
    """A local Spark session; its tests run in one worker (group "spark")."""
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not installed")
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    session = (
        sql.SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "1")
        # Compiling each query costs more than running it on a few thousand rows.
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.log.level", "ERROR")
        .config(
            "spark.driver.extraJavaOptions",
            "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto",
        )
        .getOrCreate()
    )
    yield session
    session.stop()


class Postgres:
    """A server of its own in a temporary folder, spoken to through a socket there."""

    def __init__(self, programs: Path, folder: Path, user: str | None):
        self.programs, self.folder, self.user = programs, folder, user

    def run(self, program, *arguments, text=None):
        command = [str(self.programs / program), *arguments]
        if self.user is not None:
            command = ["runuser", "-u", self.user, "--", *command]
        return subprocess.run(
            command,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            timeout=60,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )

    def start(self):
        data, log = self.folder / "data", self.folder / "log"
        made = self.run("initdb", "-D", str(data), "-U", "tester", "-E", "UTF8", "-N")
        assert made.returncode == 0, made.stderr
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off"
        started = self.run(
            "pg_ctl", "-D", str(data), "-l", str(log), "-w", "-o", options, "start"
        )
        assert started.returncode == 0, log.read_text()

    def stop(self):
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def sql(self, statement, *, rows=None):
        """Run one statement; ``rows`` is what COPY reads. Returns lines of csv."""
        options = ["-X", "-q", "--csv", "-t", "-v", "ON_ERROR_STOP=1"]
        connect = ["-h", str(self.folder), "-U", "tester", "-d", "postgres"]
        done = self.run("psql", *connect, *options, "-c", statement, text=rows)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def postgres():
    """A temporary PostgreSQL server; skipped where its programs are not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    path = shutil.which("initdb") or (str(found[-1]) if found else None)
    if path is None or shutil.which("psql") is None:
        pytest.skip("PostgreSQL (initdb, psql) is not installed")
    programs = Path(path).resolve().parent
    user = None
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root; its package brings a user.
        known = subprocess.run(["id", "postgres"], capture_output=True, check=False)
        if known.returncode or shutil.which("runuser") is None:
            pytest.skip("PostgreSQL refuses root and there is no user postgres")
        user = "postgres"
    # Not below pytest's folder, which no other user may enter.
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name)
        if user is not None:
            shutil.chown(folder, user)
        server = Postgres(programs, folder, user)
        server.start()
        yield server
        server.stop()
