/*
 * The floor of a fan-out: a WebSocket server that does nothing but send. One thread, epoll, no queue of its own.
 *
 *   floor <port> [--coalesce | --io-uring]
 *
 * Messages come on standard input, each as 4 bytes of length (big-endian) and a payload; every message goes to every
 * connection as one text frame. Plain: a loop of send() for each message. With --coalesce: at each wake-up one send() per
 * connection of all frames that it has not had yet (they lie one behind the other in memory, so it is one piece).
 * With --io-uring: the loop, 256 sends in one system call (needs Linux 6.1; what a fan-out without Node could gain).
 * A connection that cannot take more keeps its place and goes on at EPOLLOUT. Ends with its standard input.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_FD = 20000, MAX_REQUEST = 2048, MAX_MESSAGE = 65536, LOG_BYTES = 64 << 20 };

struct connection {
  char *request; /* NULL once upgraded */
  int length;
  int blocked; /* waits for EPOLLOUT */
  size_t sent; /* place in the log of frames */
};

static struct connection connections[MAX_FD];
static int open_fds[MAX_FD], index_of[MAX_FD], open_count;
static unsigned char *frames;
static size_t frames_end;
static int epoll_fd;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

#include "ring.h"

static uint32_t rotate(uint32_t value, int by) { return value << by | value >> (32 - by); }

static void sha1_block(uint32_t state[5], const unsigned char *block) {
  uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)block[i * 4] << 24 | block[i * 4 + 1] << 16 | block[i * 4 + 2] << 8 | block[i * 4 + 3];
  for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  for (int i = 0; i < 80; i++) {
    uint32_t f, k;
    if (i < 20) f = (b & c) | (~b & d), k = 0x5a827999;
    else if (i < 40) f = b ^ c ^ d, k = 0x6ed9eba1;
    else if (i < 60) f = (b & c) | (b & d) | (c & d), k = 0x8f1bbcdc;
    else f = b ^ c ^ d, k = 0xca62c1d6;
    uint32_t t = rotate(a, 5) + f + e + k + w[i];
    e = d, d = c, c = rotate(b, 30), b = a, a = t;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

/* SHA-1 of 60 bytes: a key of 24 and the GUID of RFC 6455 of 36, two blocks with the padding. */
static void sha1_of_60(const unsigned char *bytes, unsigned char digest[20]) {
  uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  unsigned char blocks[128] = {0};
  memcpy(blocks, bytes, 60);
  blocks[60] = 0x80;
  blocks[126] = 60 * 8 >> 8;
  blocks[127] = 60 * 8 & 255;
  sha1_block(state, blocks);
  sha1_block(state, blocks + 64);
  for (int i = 0; i < 20; i++) digest[i] = state[i / 4] >> (24 - i % 4 * 8);
}

static void base64_of_20(const unsigned char *digest, char text[29]) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned char bytes[21] = {0};
  memcpy(bytes, digest, 20);
  for (int i = 0, j = 0; i < 21; i += 3) {
    uint32_t v = bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2];
    text[j++] = letters[v >> 18], text[j++] = letters[v >> 12 & 63];
    text[j++] = letters[v >> 6 & 63], text[j++] = letters[v & 63];
  }
  text[27] = '=';
  text[28] = 0;
}

static void hang_up(int fd) {
  if (connections[fd].request == NULL) { /* upgraded: it stands in the list */
    int last = open_fds[--open_count];
    open_fds[index_of[fd]] = last;
    index_of[last] = index_of[fd];
  }
  free(connections[fd].request);
  close(fd);
}

static void watch(int operation, int fd, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  if (epoll_ctl(epoll_fd, operation, fd, &event) < 0) fail("epoll_ctl");
}

/* Sends up to `end`, or as much as the socket takes. */
static void send_to(int fd, size_t end) {
  struct connection *c = &connections[fd];
  if (c->blocked) return;
  while (c->sent < end) {
    ssize_t n = send(fd, frames + c->sent, end - c->sent, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EAGAIN) watch(EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLOUT), c->blocked = 1;
      return; /* a broken connection is heard of through EPOLLIN */
    }
    c->sent += n;
  }
}

static void upgrade(int fd) {
  struct connection *c = &connections[fd];
  char *key = strcasestr(c->request, "sec-websocket-key:");
  if (key == NULL) return hang_up(fd);
  for (key += 18; *key == ' ';) key++;
  if (strnlen(key, 24) < 24) return hang_up(fd);
  unsigned char text[60], digest[20];
  char accept[29], answer[160];
  memcpy(text, key, 24);
  memcpy(text + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
  sha1_of_60(text, digest);
  base64_of_20(digest, accept);
  int length = snprintf(answer, sizeof answer,
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: %s\r\n\r\n",
                        accept);
  free(c->request);
  c->request = NULL;
  c->sent = frames_end;
  index_of[fd] = open_count;
  open_fds[open_count++] = fd;
  if (send(fd, answer, length, MSG_NOSIGNAL) != length) hang_up(fd);
}

static void receive(int fd) {
  struct connection *c = &connections[fd];
  char ignored[4096];
  if (c->request == NULL) { /* pongs and the like */
    ssize_t n = recv(fd, ignored, sizeof ignored, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN)) hang_up(fd);
    return;
  }
  ssize_t n = recv(fd, c->request + c->length, MAX_REQUEST - 1 - c->length, 0);
  if (n <= 0) return hang_up(fd);
  c->length += n;
  c->request[c->length] = 0;
  if (strstr(c->request, "\r\n\r\n")) upgrade(fd);
  else if (c->length == MAX_REQUEST - 1) hang_up(fd);
}

static void accept_all(int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    if (fd >= MAX_FD) {
      close(fd);
      continue;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    connections[fd] = (struct connection){.request = malloc(MAX_REQUEST)};
    watch(EPOLL_CTL_ADD, fd, EPOLLIN);
  }
}

/* Puts a message behind the others as a whole frame. */
static void append_frame(const unsigned char *payload, uint32_t length) {
  if (frames_end + length + 4 > LOG_BYTES) fail("too many messages");
  unsigned char *to = frames + frames_end;
  *to++ = 0x81;
  if (length < 126) *to++ = length;
  else *to++ = 126, *to++ = length >> 8, *to++ = length & 255;
  memcpy(to, payload, length);
  frames_end = to + length - frames;
}

static void ring_sent(int fd, int outcome) {
  struct connection *c = &connections[fd];
  if (outcome > 0) c->sent += outcome;
  else if (outcome == -EAGAIN) watch(EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLOUT), c->blocked = 1;
}

/* A short send goes on with the next message. */
static void ring_send_to_all(void) {
  for (int i = 0; i < open_count; i++) {
    struct connection *c = &connections[open_fds[i]];
    if (c->blocked || c->sent == frames_end) continue;
    ring_send(open_fds[i], frames + c->sent, frames_end - c->sent);
    if (ring.queued == RING_SENDS) ring_run(ring_sent);
  }
  ring_run(ring_sent);
}

static void send_to_all(void) {
  if (ring.fd > 0) return ring_send_to_all();
  for (int i = 0; i < open_count; i++) send_to(open_fds[i], frames_end);
}

/* Takes what has come on standard input; the rest of a message that is cut waits for the next time. */
static void read_messages(int coalesce) {
  static unsigned char input[MAX_MESSAGE * 4];
  static size_t held;
  for (;;) {
    ssize_t n = read(0, input + held, sizeof input - held);
    if (n == 0) exit(0);
    if (n < 0) break;
    held += n;
    size_t at = 0;
    while (held - at >= 4) {
      uint32_t length = (uint32_t)input[at] << 24 | input[at + 1] << 16 | input[at + 2] << 8 | input[at + 3];
      if (length > MAX_MESSAGE - 4) fail("message too long");
      if (held - at - 4 < length) break;
      append_frame(input + at + 4, length);
      at += 4 + length;
      if (!coalesce) send_to_all();
    }
    memmove(input, input + at, held - at);
    held -= at;
  }
  if (coalesce) send_to_all();
}

int main(int argc, char **argv) {
  if (argc < 2) return fprintf(stderr, "usage: floor <port> [--coalesce | --io-uring]\n"), 2;
  int coalesce = argc > 2 && strcmp(argv[2], "--coalesce") == 0;
  if (argc > 2 && strcmp(argv[2], "--io-uring") == 0) ring_open();
  frames = malloc(LOG_BYTES);
  epoll_fd = epoll_create1(0);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
  if (listen(listener, 8192) < 0) fail("listen");
  fcntl(0, F_SETFL, O_NONBLOCK);
  watch(EPOLL_CTL_ADD, listener, EPOLLIN);
  watch(EPOLL_CTL_ADD, 0, EPOLLIN);
  for (;;) {
    struct epoll_event events[1024];
    int count = epoll_wait(epoll_fd, events, 1024, -1);
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) accept_all(listener);
      else if (fd == 0) read_messages(coalesce);
      else if (events[i].events & EPOLLOUT) {
        watch(EPOLL_CTL_MOD, fd, EPOLLIN);
        connections[fd].blocked = 0;
        send_to(fd, frames_end);
      } else receive(fd);
    }
  }
}
