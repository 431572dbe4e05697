"""Tracing: what was said in SIP, and how it sounded, kept for some days without names and numbers.

Kamailio copies each message to the tracer, a process of its own (`tracer`), in the packets of `hep`. The tracer takes
names, numbers and most else out (`masking`) and keeps the rest in a `ring` of files that is bounded in bytes and age.
The engine keeps beside it how each leg ended (`record.LegRecord`). Nobody waits for either: a tracer that is slow,
or dead, loses messages and nothing else.
"""
