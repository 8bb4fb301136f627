"""``banyan``: every noun has a file; arguments in, HTTP out. Only ``run`` starts the house."""

from __future__ import annotations

import sys

import typer

from banyan.cli import (
    audit,
    backup,
    bulk,
    catalog,
    compare,
    component,
    demo,
    doctor,
    event,
    order,
    run,
    token,
)

app = typer.Typer(
    name="banyan",
    help="One platform in which a telecom operator's OSS and BSS are one thing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(run.run)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("compare")(compare.compare)
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)
app.add_typer(token.app, name="token")
app.add_typer(bulk.app, name="bulk")
app.add_typer(catalog.app, name="catalog")
app.add_typer(order.app, name="order")
app.add_typer(event.app, name="event")
app.add_typer(audit.app, name="audit")
app.add_typer(component.app, name="component")


def main() -> None:
    """The console script."""
    from banyan.kernel.words.errors import Outage, Refused

    try:
        app()
    except Refused as error:
        for finding in error.refusal.findings:
            where = f"{finding.path}: " if finding.path else ""
            typer.secho(f"{where}{finding.reason} [{finding.code}]", fg="red", err=True)
        sys.exit(1)
    except Outage as outage:
        typer.secho(outage.reason, fg="red", err=True)
        sys.exit(2)
