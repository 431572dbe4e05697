"""How good a call sounded, estimated from what the network did to it: the E-model of ITU-T G.107, simplified.

With all else at G.107's defaults the rating is R = 93.2 - Id - Ie,eff: delay costs Id, coding and loss Ie,eff. MOS
follows by G.107 Annex B. The scale is that of narrowband: G.722 sounds better than its number says.
"""

from typing import Final

BEST: Final = 93.2
"""R with everything at G.107's defaults."""
ROBUSTNESS: Final = 25.1
"""Bpl of G.711 whose gaps are concealed, loss at random (ITU-T G.113 Appendix I); G.722's are concealed alike."""
PACKET_MS: Final = 20.0
NOTICED_MS: Final = 177.3
"""One way: more than this disturbs the give and take of a talk."""
LOST_WHOLLY: Final = 95.0


def rating(loss: float, jitter_ms: float, rtt_ms: float) -> float:
    """Return R, 0 to 93.2. `loss` is the share of packets that were not heard; delay counts half of the round trip, one
    packet, and a buffer of twice the jitter.

    >>> round(rating(0.0, 2.0, 20.0), 1)
    92.4
    """
    delay = rtt_ms / 2 + PACKET_MS + 2 * jitter_ms
    delayed = 0.024 * delay + 0.11 * max(0.0, delay - NOTICED_MS)
    per_cent = 100 * min(1.0, max(0.0, loss))
    coded = LOST_WHOLLY * per_cent / (per_cent + ROBUSTNESS)
    return max(0.0, BEST - delayed - coded)


def opinion(rating: float) -> float:
    """Return the mean opinion score, 1 (bad) to 4.41.

    >>> [round(opinion(one), 2) for one in (93.2, 80, 60, 0)]
    [4.41, 4.02, 3.1, 1.0]
    """
    if rating <= 0:
        return 1.0
    return max(1.0, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6)
