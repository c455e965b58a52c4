// SPDX-License-Identifier: Apache-2.0
// The floor under every proxy: `relay PORT ORIGIN_PORT` copies bytes between a client's connection and one of its own
// to the origin, and knows nothing of HTTP. One receive and one send a message, edge-triggered epoll, one thread. It is
// right for messages that fit a socket buffer, which is what the benchmark sends, and for nothing else.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { kFiles = 1 << 16, kEvents = 512 };
static int other_end[kFiles];  // by descriptor; -1 when that end is gone
static char buffer[64 * 1024];

static struct sockaddr_in loopback(const char* port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return to;
}

static void watch(int epoll, int fd, uint32_t events) {
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  struct epoll_event event = {.events = events, .data.fd = fd};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) abort();
}

static void accept_one(int epoll, int listener, const struct sockaddr_in* origin) {
  const int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
  if (client < 0) return;
  const int upstream = socket(AF_INET, SOCK_STREAM, 0);
  if (upstream < 0 || connect(upstream, (const struct sockaddr*)origin, sizeof *origin) != 0) abort();
  other_end[client] = upstream;
  other_end[upstream] = client;
  watch(epoll, client, EPOLLIN | EPOLLET);
  watch(epoll, upstream, EPOLLIN | EPOLLET);
}

static void pass_on(int from) {
  const int to = other_end[from];
  if (to < 0) return;
  const ssize_t size = recv(from, buffer, sizeof buffer, MSG_DONTWAIT);
  if (size > 0) {
    if (send(to, buffer, (size_t)size, MSG_NOSIGNAL) == size) return;
  } else if (size < 0 && errno == EAGAIN) {
    return;
  }
  other_end[from] = other_end[to] = -1;
  close(from);
  close(to);
}

int main(int count, char** words) {
  if (count != 3) return 2;
  const struct sockaddr_in here = loopback(words[1]), origin = loopback(words[2]);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), epoll = epoll_create1(0), yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (const struct sockaddr*)&here, sizeof here) != 0 || listen(listener, 1024) != 0) return 1;
  watch(epoll, listener, EPOLLIN);
  for (;;) {
    struct epoll_event events[kEvents];
    const int ready = epoll_wait(epoll, events, kEvents, -1);
    for (int i = 0; i < ready; ++i) {
      if (events[i].data.fd == listener)
        accept_one(epoll, listener, &origin);
      else
        pass_on(events[i].data.fd);
    }
  }
}
