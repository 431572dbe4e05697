"""`vaxel trace`: one call as it was, hop by hop: its SIP ladder, what was decided meanwhile, and how it sounded.

It reads what the tracer and the engine have kept, and the journal; the engine need not run.
"""
