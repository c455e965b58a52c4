# SPDX-License-Identifier: Apache-2.0
"""A TCP relay in user space that puts distance between two programs on one machine: delay and bandwidth per direction, and a
switch that refuses or cuts connections. One thread (asyncio); usable as a library or by itself:

    relay.py --to 127.0.0.1:9001 --delay 90ms
"""
import argparse
import asyncio
import socket
import struct
import threading
import time

from wire import quantity

BLOCK = 65536
WINDOW = 4 << 20  # bytes under way per direction; more waits at the sender, as on a real path


class Relay:
    """`delay` is one way, in seconds; a round trip takes it twice."""

    def __init__(self, target, delay=0.0, back_delay=None, bandwidth=None, address="127.0.0.1"):
        self.target = target
        self.delay = [delay, delay if back_delay is None else back_delay]
        self.bandwidth = bandwidth  # bytes per second and direction
        self.connections = 0
        self._writers = set()
        # Keeps the port while nothing listens on it, so that refusing connections gives it to nobody else.
        self._holder = self._bound(address, 0)
        self.address = "%s:%d" % self._holder.getsockname()
        self._server = None
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._started.wait(10)

    def _bound(self, address, port):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((address, port))
        return sock

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._started.set()
        self._loop.run_forever()
        self._loop.close()

    async def _listen(self):
        self._server = await asyncio.start_server(self._accept, sock=self._bound(*self._holder.getsockname()), backlog=256, limit=BLOCK)

    def refuse(self, refusing=True):
        """From now on new connections are refused (or served again)."""
        asyncio.run_coroutine_threadsafe(self._refuse(refusing), self._loop).result(5)

    async def _refuse(self, refusing):
        if refusing:
            self._server.close()
        else:
            await self._listen()

    def cut(self):
        """Resets every connection under way."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(5)

    async def _cut(self):
        self._cut_now()
        await asyncio.sleep(0)  # the transports close their sockets in the next turn

    def _cut_now(self):
        for writer in list(self._writers):
            _abort(writer)

    def close(self):
        self._loop.call_soon_threadsafe(self._stop)
        self._thread.join(5)
        self._holder.close()

    def _stop(self):
        self._cut_now()
        self._server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        asyncio.ensure_future(self._end(tasks), loop=self._loop)

    async def _end(self, tasks):
        await asyncio.gather(*tasks, return_exceptions=True)
        self._loop.stop()

    async def _accept(self, reader, writer):
        self.connections += 1
        host, _, port = self.target.rpartition(":")
        try:
            # The dial waits for its own round trip: a connection over a distance takes one to stand.
            await asyncio.sleep(self.delay[0] + self.delay[1])
            far_reader, far_writer = await asyncio.open_connection(host, int(port), limit=BLOCK)
        except OSError:
            return _abort(writer)
        both = (writer, far_writer)
        self._writers.update(both)
        for one in both:
            one.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await asyncio.gather(self._pump(reader, far_writer, 0), self._pump(far_reader, writer, 1))
        except (OSError, asyncio.CancelledError):
            for one in both:
                _abort(one)
        finally:
            self._writers.difference_update(both)
            for one in both:
                one.close()

    async def _pump(self, reader, writer, way):
        """Reads as fast as the window allows, delivers each block when its time has come."""
        queue, room = asyncio.Queue(), asyncio.Semaphore(WINDOW // BLOCK)
        deliver = asyncio.ensure_future(self._deliver(queue, room, writer, way))
        try:
            while data := await reader.read(BLOCK):
                await room.acquire()
                queue.put_nowait((time.monotonic() + self.delay[way], data))
            queue.put_nowait((time.monotonic() + self.delay[way], b""))
            await deliver
        finally:
            deliver.cancel()
            await asyncio.gather(deliver, return_exceptions=True)

    async def _deliver(self, queue, room, writer, way):
        free_at = 0.0
        while True:
            due, data = await queue.get()
            if self.bandwidth:
                free_at = max(free_at, due) + len(data) / self.bandwidth
                due = free_at
            if (left := due - time.monotonic()) > 0:
                await asyncio.sleep(left)
            room.release()
            if not data:
                if writer.can_write_eof():
                    writer.write_eof()
                return
            writer.write(data)
            await writer.drain()


def _abort(writer):
    sock = writer.get_extra_info("socket")
    if sock is not None:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass  # already gone
    writer.transport.abort()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", required=True, help="address:port")
    parser.add_argument("--delay", default="0ms", help="one way")
    parser.add_argument("--bandwidth", help="bytes per second and direction, as 1MiB")
    options = parser.parse_args()
    relay = Relay(options.to, quantity(options.delay), bandwidth=quantity(options.bandwidth) if options.bandwidth else None)
    print(f"relay: {relay.address} -> {options.to}", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        relay.close()


if __name__ == "__main__":
    main()
