"""Leads from a Unix socket to a port of this network: `python -m tests.far.lead SOCKET PORT`."""

import asyncio
import contextlib
import sys


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _lead(path: str, port: int) -> None:
    async def come(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, thither = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_pump(reader, thither), _pump(there, writer))

    server = await asyncio.start_unix_server(come, path)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_lead(sys.argv[1], int(sys.argv[2])))
