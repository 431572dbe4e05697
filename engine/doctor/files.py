"""Checks of what lies on disk: configuration, data, secrets, certificates, prompts, backups."""

import time

from engine.doctor.finding import Finding, Findings, beware, count, some, wrong
from engine.doctor.seen import Certificate, Seen

DAY = 86_400.0
SOON = 14 * DAY
"""An automatic renewal has failed for weeks when a certificate has no longer to live."""
BACKUP_AFTER = DAY + 3600.0
"""A nightly backup may take its time."""


def configuration(seen: Seen) -> Findings:
    """Mistakes keep Vaxel from its next start."""
    if not seen.mistakes:
        return
    first = "\n".join(seen.mistakes[:3])
    more = f"\nand {len(seen.mistakes) - 3} more" if len(seen.mistakes) > 3 else ""
    yield wrong(f"the configuration has mistakes: {first}{more}", f"vaxel check {seen.config} lists all of them")


def folder(seen: Seen) -> Findings:
    """Nobody else may read what citizens said."""
    if seen.root:
        yield beware("root sees everything: what Vaxel's user may not read goes unnoticed", "run this as Vaxel's user")
    for text in seen.folder:
        yield wrong(text, f"chown -R to Vaxel's user, and chmod -R go= {seen.data}")
    if seen.refused:
        yield beware(
            f"{count(seen.refused, 'file')} of journal could not be written to Redis, and lie in {seen.data}/refused",
            "keep them for who looks into it; docs/operating.md says what they are",
        )


def secrets(seen: Seen) -> Findings:
    """Passwords and PINs lie in files that only Vaxel may read."""
    for file in seen.secrets:
        if not file.there:
            yield wrong(f"{file.what}: there is no file {file.path}", file.mend)
        elif not file.readable:
            yield wrong(f"{file.what}: {file.path} cannot be read", "chown it to Vaxel's user")
        elif file.open_to:
            yield wrong(f"{file.what}: {file.open_to} may read {file.path}", f"chmod 600 {file.path}")
    if seen.phones_without and (seen.settings is None or not seen.settings.demo):
        phones = seen.phones_without
        yield beware(
            f"{count(len(phones), 'phone')} cannot register for want of a password: {some(phones)}",
            f"vaxel phone add {phones[0]} --data {seen.data}",
        )


def certificates(seen: Seen) -> Findings:
    """Who connects by TLS must be shown a valid certificate."""
    for one in seen.certificates:
        yield from _certificate(one, seen.now)
    for told in seen.engine.system.get("certificates", ()) if seen.engine is not None else ():
        if told["refused"]:
            text = f"{told['field']}: the files are refused, and the certificate before is shown: {told['refused']}"
            yield wrong(text, "put a pair there that belongs together, readable to Vaxel's user")
    if seen.settings is not None and seen.settings.open_web:
        text = "the web port is open to others without TLS: tokens and what they show can be read on the way"
        yield beware(text, "set web.tls, or listen on loopback behind a proxy that speaks TLS")


def _certificate(one: Certificate, now: float) -> Findings:
    renew = "renew it (certbot renew; docs/operating.md): Vaxel takes it up by itself"
    day = time.strftime("%Y-%m-%d", time.gmtime(one.ends))
    if one.ends <= now:
        yield wrong(f"{one.field}: the certificate expired on {day}: nobody connects any more", renew)
    elif one.ends < now + SOON:
        left = count(int((one.ends - now) / DAY), "day")
        yield beware(f"{one.field}: the certificate expires on {day}, in {left}", renew)
    yield from _names(one)
    if one.same is False:
        text = f"{one.field}: who connects is shown another certificate than the one in {one.path}"
        yield wrong(text, "look again in a second; if it stays so, see log/engine.log")


def _names(one: Certificate) -> Findings:
    if not one.names:
        yield wrong(f"{one.field}: the certificate names no host", "get one that names the host (subjectAltName)")
    elif len(one.elsewhere) == len(one.names):
        names = some(list(one.names))
        text = f"{one.field}: the certificate is of {names}, which does not lead to this machine"
        yield beware(text, "get one for the name by which phones and people reach it, or mend the DNS")


def speech(seen: Seen) -> Findings:
    """Callers must be told in their language."""
    for language in seen.voices:
        yield _voice(language)
    if seen.unspoken and not seen.supervisor:
        yield beware(
            f"{count(seen.unspoken, 'prompt')} must be spoken yet: the next start takes longer",
            "nothing: that happens once, before the first call is taken",
        )


def _voice(language: str) -> Finding:
    text = f"espeak-ng has no voice for {language}"
    return wrong(text, "name one of `espeak-ng --voices` under `voices:` in vaxel.yaml, or record the prompts")


def backups(seen: Seen) -> Findings:
    """What is not backed up is lost with the disk."""
    do = f"vaxel backup FOLDER --config {seen.config} --data {seen.data}; nightly by deploy/systemd/vaxel-backup.timer"
    if seen.settings is not None and seen.settings.demo:
        return
    if seen.backup is None:
        yield beware("no backup was made yet", do)
    elif seen.backup.at < seen.now - BACKUP_AFTER:
        hours = (seen.now - seen.backup.at) / 3600
        yield beware(f"the last backup is {hours:.0f} h old", do)
    elif seen.backup.at > seen.now:
        yield beware("the last backup is from the future: the clock was wrong", do)
