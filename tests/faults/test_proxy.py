"""The proxy passes on, holds back, loses and cuts."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.faults.proxy import Proxy, to_port


@pytest.fixture
async def heard() -> list[bytes]:
    return []


@pytest.fixture
async def proxy(heard: list[bytes]) -> AsyncIterator[Proxy]:
    """Before a server that answers each line with itself."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            heard.append(line)
            writer.write(line)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with Proxy(to_port(server.sockets[0].getsockname()[1])) as made:
        yield made
    server.close()


async def ask(proxy: Proxy, *lines: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    for line in lines:
        writer.write(line)
        await asyncio.sleep(0)
    writer.write_eof()
    try:
        return await reader.read()
    finally:
        writer.close()


async def test_it_passes_on(proxy: Proxy) -> None:
    assert await ask(proxy, b"one\n", b"two\n") == b"one\ntwo\n"
    async with asyncio.timeout(10):
        while proxy.open:
            await asyncio.sleep(0)


async def test_what_is_held_back_comes_later_and_in_order(proxy: Proxy) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    with proxy.slow(0.1):
        said = [b"%d\n" % number for number in range(50)]
        assert await ask(proxy, *said) == b"".join(said)
    assert loop.time() - began >= 0.2, "there and back"


async def test_a_lost_answer_was_asked_for(proxy: Proxy, heard: list[bytes]) -> None:
    with proxy.deaf(), pytest.raises(ConnectionError):
        assert not await ask(proxy, b"one\n")
        raise ConnectionError
    assert heard == [b"one\n"] and proxy.cuts == 1


async def test_a_cut_ends_both_ends(proxy: Proxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"one\n")
    assert await reader.readline() == b"one\n"
    proxy.cut()
    with pytest.raises(ConnectionError):
        assert not await reader.read()
        raise ConnectionError
    writer.close()


async def test_who_cannot_be_reached_answers_nothing(unused_tcp_port: int) -> None:
    async with Proxy(to_port(unused_tcp_port)) as proxy:
        with pytest.raises(ConnectionError):
            assert not await ask(proxy, b"one\n")
            raise ConnectionError
