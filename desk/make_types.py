"""Write desk/src/api/types.ts from the API's own types: `python desk/make_types.py` (with `--check`: only compare)."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1]))

from adapters.access import routes as access
from adapters.directory import routes as directory
from adapters.forms import routes as forms
from engine import flowpictures
from engine.publishing import comparing, members
from engine.publishing import routes as publishing
from metrics.live import Live
from metrics.workday import AgentToday
from router.explain import WhyWaiting
from web import (
    accountroutes,
    agents,
    agentview,
    colleagues,
    contacts,
    crises,
    desks,
    drafts,
    leading,
    messages,
    notes,
    people,
    phones,
    queues,
    signing,
    texting,
    visits,
    webcalls,
)
from web.problems import Problem

TARGET: Final = Path(__file__).parent / "src" / "api" / "types.ts"
VIEWS: Final = (
    signing.SignedIn,
    Problem,
    agents.Agents,
    agentview.AgentView,
    AgentToday,
    desks.DeskView,
    contacts.Contacts,
    contacts.Citizen,
    queues.ConfigurationView,
    queues.Picture,
    queues.Queues,
    queues.Links,
    phones.Phones,
    phones.PhoneCredentials,
    Live,
    messages.Messages,
    messages.Texts,
    messages.Added,
    messages.Uploaded,
    texting.TextView,
    people.PersonView,
    people.Needs,
    people.Reasons,
    people.Interpreters,
    people.Story,
    colleagues.Choices,
    colleagues.Remarks,
    drafts.DraftView,
    drafts.UnsentView,
    colleagues.Helps,
    visits.Places,
    visits.Board,
    visits.VisitStatus,
    crises.Crises,
    leading.Assignments,
    leading.Todays,
    leading.Notices,
    leading.Alarms,
    WhyWaiting,
    directory.Hits,
    forms.FormViews,
    forms.FilledIn,
    forms.FilledView,
    notes.Colleagues,
    accountroutes.Accounts,
    accountroutes.FirstPassword,
    signing.OwnSessions,
    signing.SignedOut,
    signing.Ways,
    access.Lines,
    webcalls.Voucher,
    webcalls.CallStanding,
    publishing.FilesView,
    publishing.VersionsView,
    publishing.Checked,
    publishing.Published,
    publishing.Edited,
    comparing.Difference,
    members.Members,
    flowpictures.Flows,
    flowpictures.FlowNow,
    flowpictures.FlowPicture,
)
"""What pages are answered with; what stands inside comes along."""
HEAD: Final = "// Written by desk/make_types.py from what the API answers with; do not edit.\n"
SIMPLE: Final = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def name_of(name: str) -> str:
    """Return what a type is called; one whose name is not the only such comes with its module's before it."""
    *modules, last = name.split(".")
    return f"{modules[-1].title()}{last}" if modules else last


def type_of(schema: Mapping[str, Any]) -> str:
    """Return the TypeScript type of a JSON schema."""
    if "$ref" in schema:
        return name_of(schema["$ref"])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(type_of(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(f'"{one}"' for one in schema["enum"])
    match schema.get("type"):
        case "array" if "prefixItems" in schema:
            return f"readonly [{', '.join(type_of(one) for one in schema['prefixItems'])}]"
        case "array":
            inside = type_of(schema["items"]) if isinstance(schema.get("items"), dict) else "unknown"
            return f"readonly ({inside})[]" if " " in inside else f"readonly {inside}[]"
        case "object":
            inside = schema.get("additionalProperties")
            return f"Readonly<Record<string, {type_of(inside) if isinstance(inside, dict) else 'unknown'}>>"
        case str(simple):
            return SIMPLE[simple]
        case _:
            return "unknown"


def interface(name: str, schema: Mapping[str, Any]) -> str:
    """Return a struct as a TypeScript interface."""
    if "enum" in schema or schema.get("type") == "array":
        return f"export type {name} = {type_of(schema)};\n"
    needed = set(schema.get("required", ()))
    lines = [f"export interface {name} {{"]
    if schema.get("description"):
        lines.insert(0, f"/** {' '.join(schema['description'].split())} */")
    for field, inside in schema["properties"].items():
        mark = "" if field in needed else "?"
        more = "" if mark == "" else " | undefined"
        lines.append(f"  readonly {field}{mark}: {type_of(inside)}{more};")
    return "\n".join([*lines, "}"]) + "\n"


def written() -> str:
    """Return the whole file."""
    _, components = msgspec.json.schema_components(VIEWS, ref_template="{name}")
    parts = [interface(name_of(name), schema) for name, schema in sorted(components.items())]
    return HEAD + "\n" + "\n".join(parts)


def main() -> int:
    """Write, or compare."""
    text = written()
    if "--check" in sys.argv[1:]:
        return int(TARGET.read_text() != text)
    TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
