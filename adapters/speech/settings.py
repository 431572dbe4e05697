"""What is to be spoken and played."""

from msgspec import Struct, field


class SpeechSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Prompts and music as configured. Languages are short codes such as `sv`; paths are absolute."""

    rate: int = 16000
    """Samples per second of what is made: the bridge's rate, so that playing costs no resampling."""
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    """Language to prompt to what it says."""
    recordings: dict[str, dict[str, str]] = field(default_factory=dict)
    """Language to prompt to a WAV file that is played instead."""
    voices: dict[str, str] = field(default_factory=dict)
    """Language to espeak-ng voice; absent means the voice of the language's own name."""
    music: dict[str, str] = field(default_factory=dict)
    """Music source to WAV file; without `default` Vaxel makes one."""
