/*
 * Readers of a feed that read slowly, with a small receive buffer: what Node cannot set.
 *
 *   slow-readers <IPv4 address> <port> <path and query> <readers> <bytes per second each> <receive buffer, bytes>
 *
 * Each reader connects from an address of its own block (127.0.200.1, ...; 1,500 readers an address) when the server is on
 * the loopback network, takes its first snapshot as fast as it comes, and is slow from then on. A line on standard input is
 * a new rate in bytes per second; the end of standard input ends the program. Once a second it prints one JSON line:
 * readers that are open, the least and the most bytes that one has read, snapshots by reason, readers that have had a
 * snapshot for a gap, entries, gaps and duplicates by the reader's rule, and connections closed, by close code ("0": without).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TICKS_PER_SECOND = 10, HEAD_BYTES = 125, CODES = 64, READERS_PER_ADDRESS = 1500 };
enum { UPGRADING, OPEN, CLOSED };

struct reader {
  int fd;
  int state;
  int is_slow;
  int has_gap;
  int crlf;            /* how much of the blank line that ends the HTTP answer has come */
  char status[16];     /* start of the HTTP answer */
  int status_length;
  unsigned char header[10];
  int header_length;
  int header_needed;   /* 0 between frames */
  unsigned long long left; /* payload bytes that have not come */
  int opcode;
  int is_in_payload;
  char head[HEAD_BYTES + 1]; /* start of the payload; all of a control frame */
  int head_length;
  int matched;         /* how much of `"reason":"` the last bytes are */
  int is_snapshot;
  char reason[16];     /* of a snapshot; letters after the match */
  int reason_length;   /* -1: not there yet, -2: done */
  unsigned long long seq;
  unsigned long long bytes;
  double budget;
};

static struct { int code; int times; } closed[CODES];
static int closed_codes;
static unsigned long long entries, gaps, duplicates, starts, gap_snapshots, epochs, resumed;
static int readers_with_gap, open_readers;
static const char pattern[] = "\"reason\":\"";

static void fail(const char *what) {
  fprintf(stderr, "slow-readers: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void count_closed(int code) {
  for (int i = 0; i < closed_codes; i++)
    if (closed[i].code == code) {
      closed[i].times++;
      return;
    }
  if (closed_codes < CODES) {
    closed[closed_codes].code = code;
    closed[closed_codes++].times = 1;
  }
}

static void end_reader(struct reader *reader, int code) {
  if (reader->state == CLOSED) return;
  if (reader->state == OPEN) open_readers--;
  reader->state = CLOSED;
  close(reader->fd);
  count_closed(code);
}

static unsigned long long number_after(const char *head, const char *name) {
  const char *at = strstr(head, name);
  return at == NULL ? 0 : strtoull(at + strlen(name), NULL, 10);
}

static void pong(struct reader *reader) {
  unsigned char frame[6 + HEAD_BYTES];
  int length = reader->head_length;
  memset(frame, 0, sizeof frame); /* a mask of zeros: the payload stands as it is */
  frame[0] = 0x8a;
  frame[1] = (unsigned char)(0x80 | length);
  memcpy(frame + 6, reader->head, (size_t)length);
  /* A full send buffer loses a sign of life, not more: other bytes were one. */
  (void)send(reader->fd, frame, (size_t)(6 + length), MSG_NOSIGNAL);
}

static void follow(struct reader *reader) {
  char *head = reader->head;
  head[reader->head_length] = 0;
  if (reader->opcode == 8) {
    int code = reader->head_length < 2 ? 1005 : ((unsigned char)head[0] << 8) | (unsigned char)head[1];
    end_reader(reader, code);
  } else if (reader->opcode == 9) {
    pong(reader);
  } else if (reader->is_snapshot) {
    reader->seq = number_after(head, "\"seq\":");
    reader->is_slow = 1;
    if (strcmp(reader->reason, "gap") == 0) {
      gap_snapshots++;
      if (!reader->has_gap) readers_with_gap++;
      reader->has_gap = 1;
    } else if (strcmp(reader->reason, "epoch") == 0) {
      epochs++;
    } else {
      starts++;
    }
  } else if (strncmp(head, "{\"type\":\"item\"", 14) == 0 || strncmp(head, "{\"type\":\"removal\"", 17) == 0) {
    unsigned long long seq = number_after(head, "\"seq\":");
    if (seq <= reader->seq) duplicates++;
    else if (number_after(head, "\"prev\":") > reader->seq) gaps++;
    if (seq > reader->seq) reader->seq = seq;
    entries++;
  } else if (strncmp(head, "{\"type\":\"beat\"", 14) == 0) {
    unsigned long long seq = number_after(head, "\"seq\":");
    if (number_after(head, "\"prev\":") > reader->seq) gaps++;
    if (seq > reader->seq) reader->seq = seq;
  } else if (strncmp(head, "{\"type\":\"resumed\"", 17) == 0) {
    resumed++;
  }
}

/* A snapshot says its reason after its items, whose quotes are escaped: outside of strings the pattern is the field. */
static void look_for_reason(struct reader *reader, char c) {
  if (reader->reason_length >= 0) {
    if (c == '"' || reader->reason_length == (int)sizeof reader->reason - 1) {
      reader->reason[reader->reason_length] = 0;
      reader->reason_length = -2;
    } else {
      reader->reason[reader->reason_length++] = c;
    }
    return;
  }
  if (reader->reason_length == -2) return;
  if (c == pattern[reader->matched]) {
    if (pattern[++reader->matched] == 0) reader->reason_length = 0;
  } else if (c == 'r' && reader->matched == 8) {
    reader->matched = 2;
  } else {
    reader->matched = c == '"' ? 1 : 0;
  }
}

static void end_of_frame(struct reader *reader) {
  reader->is_in_payload = 0;
  reader->header_length = 0;
  follow(reader);
}

static void take_header(struct reader *reader, unsigned char c) {
  unsigned char *header = reader->header;
  header[reader->header_length++] = c;
  if (reader->header_length == 2) {
    int short_length = header[1] & 0x7f;
    reader->header_needed = short_length == 126 ? 4 : short_length == 127 ? 10 : 2;
  }
  if (reader->header_length < 2 || reader->header_length < reader->header_needed) return;
  reader->opcode = header[0] & 0x0f;
  reader->left = header[1] & 0x7f;
  if (reader->header_needed > 2) {
    reader->left = 0;
    for (int i = 2; i < reader->header_needed; i++) reader->left = reader->left << 8 | header[i];
  }
  reader->is_in_payload = 1;
  reader->head_length = 0;
  reader->is_snapshot = 0;
  reader->matched = 0;
  reader->reason_length = -1;
  reader->reason[0] = 0;
  if (reader->left == 0) end_of_frame(reader);
}

static void take_payload(struct reader *reader, char c) {
  if (reader->head_length < HEAD_BYTES) {
    reader->head[reader->head_length++] = c;
    if (reader->head_length == 18 && strncmp(reader->head, "{\"type\":\"snapshot\"", 18) == 0) reader->is_snapshot = 1;
  }
  if (reader->is_snapshot) look_for_reason(reader, c);
  if (--reader->left == 0) end_of_frame(reader);
}

static void take_answer(struct reader *reader, char c) {
  if (reader->status_length < 12) reader->status[reader->status_length++] = c;
  reader->crlf = c == "\r\n\r\n"[reader->crlf] ? reader->crlf + 1 : c == '\r';
  if (reader->crlf < 4) return;
  if (strncmp(reader->status + 9, "101", 3) != 0) {
    end_reader(reader, atoi(reader->status + 9));
    return;
  }
  reader->state = OPEN;
  open_readers++;
}

static void take(struct reader *reader, const char *bytes, ssize_t length) {
  reader->bytes += (unsigned long long)length;
  for (ssize_t i = 0; i < length && reader->state != CLOSED; i++) {
    if (reader->state == UPGRADING) take_answer(reader, bytes[i]);
    else if (reader->is_in_payload) take_payload(reader, bytes[i]);
    else take_header(reader, (unsigned char)bytes[i]);
  }
}

static void connect_reader(struct reader *reader, int index, struct sockaddr_in *server, const char *path, int buffer) {
  memset(reader, 0, sizeof *reader);
  reader->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (reader->fd < 0) fail("socket");
  /* Before connect: the window is agreed on there. The kernel doubles it for its own needs. */
  if (setsockopt(reader->fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer) < 0) fail("SO_RCVBUF");
  if (ntohl(server->sin_addr.s_addr) >> 24 == 127) {
    struct sockaddr_in own = {.sin_family = AF_INET};
    own.sin_addr.s_addr = htonl(0x7f00c801u + (unsigned)(index / READERS_PER_ADDRESS));
    if (bind(reader->fd, (struct sockaddr *)&own, sizeof own) < 0) fail("bind");
  }
  if (connect(reader->fd, (struct sockaddr *)server, sizeof *server) < 0) fail("connect");
  char request[4096];
  int length = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
                        path, inet_ntoa(server->sin_addr), ntohs(server->sin_port));
  if (length >= (int)sizeof request || send(reader->fd, request, (size_t)length, MSG_NOSIGNAL) != length) fail("upgrade");
  fcntl(reader->fd, F_SETFL, O_NONBLOCK);
  reader->state = UPGRADING;
}

/* Reads what one tick allows; until the first snapshot has come, all that is there. */
static void tick(struct reader *reader, double bytes_per_second) {
  static char bytes[65536];
  double allowance = bytes_per_second / TICKS_PER_SECOND;
  reader->budget += allowance;
  if (reader->budget > 2 * allowance + 1) reader->budget = 2 * allowance + 1; /* what was not there is not saved up */
  while (reader->state != CLOSED && (!reader->is_slow || reader->budget >= 1)) {
    size_t most = reader->is_slow && reader->budget < sizeof bytes ? (size_t)reader->budget : sizeof bytes;
    int was_slow = reader->is_slow;
    ssize_t length = recv(reader->fd, bytes, most, 0);
    if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
    if (length <= 0) {
      end_reader(reader, 0);
      return;
    }
    if (was_slow) reader->budget -= (double)length;
    take(reader, bytes, length);
  }
}

static void report(const struct reader *all, int readers) {
  unsigned long long least = ~0ull, most = 0;
  int answered = 0;
  for (int i = 0; i < readers; i++) {
    if (all[i].bytes < least) least = all[i].bytes;
    if (all[i].bytes > most) most = all[i].bytes;
    answered += all[i].is_slow;
  }
  printf("{\"open\":%d,\"answered\":%d,\"leastBytes\":%llu,\"mostBytes\":%llu,", open_readers, answered, least, most);
  printf("\"snapshots\":{\"start\":%llu,\"gap\":%llu,\"epoch\":%llu},\"resumed\":%llu,", starts, gap_snapshots, epochs, resumed);
  printf("\"readersWithGap\":%d,\"entries\":%llu,\"gaps\":%llu,\"duplicates\":%llu,\"closed\":{", readers_with_gap, entries,
         gaps, duplicates);
  for (int i = 0; i < closed_codes; i++) printf("%s\"%d\":%d", i ? "," : "", closed[i].code, closed[i].times);
  printf("}}\n");
  fflush(stdout);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Waits for the next tick; a line that comes meanwhile is a new rate. */
static void wait_until(double due, double *rate) {
  for (double left; (left = due - now()) > 0;) {
    struct pollfd input = {.fd = 0, .events = POLLIN};
    if (poll(&input, 1, (int)(left * 1000) + 1) <= 0) continue;
    char line[64];
    ssize_t length = read(0, line, sizeof line - 1);
    if (length <= 0) exit(0);
    line[length] = 0;
    if (atof(line) > 0) *rate = atof(line);
  }
}

int main(int argc, char **argv) {
  if (argc != 7) {
    fprintf(stderr, "usage: slow-readers <address> <port> <path> <readers> <bytes per second> <receive buffer>\n");
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[2]))};
  if (inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
    fprintf(stderr, "slow-readers: not an IPv4 address: %s\n", argv[1]);
    return 2;
  }
  int readers = atoi(argv[4]);
  double rate = atof(argv[5]);
  struct reader *all = calloc((size_t)readers, sizeof *all);
  if (all == NULL) fail("memory");
  for (int i = 0; i < readers; i++) connect_reader(&all[i], i, &server, argv[3], atoi(argv[6]));
  double due = now();
  for (long turn = 0;; turn++) {
    for (int i = 0; i < readers; i++)
      if (all[i].state != CLOSED) tick(&all[i], rate);
    if (turn % TICKS_PER_SECOND == 0) report(all, readers);
    due += 1.0 / TICKS_PER_SECOND;
    wait_until(due, &rate);
  }
}
