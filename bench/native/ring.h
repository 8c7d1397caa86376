/* Sends through io_uring: many at once, and no system call for each. Only what floor.c needs of it. */
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { RING_SENDS = 256 };

static struct {
  int fd;
  unsigned *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask;
  struct io_uring_sqe *sends;
  struct io_uring_cqe *ends;
  unsigned queued;
} ring;

static void ring_open(void) {
  struct io_uring_params params = {.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN};
  ring.fd = syscall(SYS_io_uring_setup, RING_SENDS, &params);
  if (ring.fd < 0) fail("io_uring_setup");
  size_t sq_size = params.sq_off.array + params.sq_entries * sizeof(unsigned);
  size_t cq_size = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
  char *rings = mmap(NULL, sq_size > cq_size ? sq_size : cq_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                     ring.fd, IORING_OFF_SQ_RING);
  ring.sends = mmap(NULL, params.sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_POPULATE, ring.fd, IORING_OFF_SQES);
  if (rings == MAP_FAILED || ring.sends == MAP_FAILED) fail("mmap of the ring");
  ring.sq_tail = (unsigned *)(rings + params.sq_off.tail);
  ring.sq_mask = (unsigned *)(rings + params.sq_off.ring_mask);
  ring.sq_array = (unsigned *)(rings + params.sq_off.array);
  ring.cq_head = (unsigned *)(rings + params.cq_off.head);
  ring.cq_tail = (unsigned *)(rings + params.cq_off.tail);
  ring.cq_mask = (unsigned *)(rings + params.cq_off.ring_mask);
  ring.ends = (struct io_uring_cqe *)(rings + params.cq_off.cqes);
}

/* Sends all that is queued, and tells each outcome: bytes, or a negative errno. */
static void ring_run(void (*sent)(int fd, int outcome)) {
  while (ring.queued > 0) {
    if (syscall(SYS_io_uring_enter, ring.fd, ring.queued, ring.queued, IORING_ENTER_GETEVENTS, NULL, 0) < 0) {
      if (errno == EINTR) continue;
      fail("io_uring_enter");
    }
    unsigned head = *ring.cq_head, tail = __atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE);
    for (; head != tail; head++, ring.queued--) {
      struct io_uring_cqe *end = &ring.ends[head & *ring.cq_mask];
      sent((int)end->user_data, end->res);
    }
    __atomic_store_n(ring.cq_head, head, __ATOMIC_RELEASE);
  }
}

/* Queues one send; the caller runs the ring when RING_SENDS are queued. */
static void ring_send(int fd, const void *bytes, size_t length) {
  unsigned tail = *ring.sq_tail, place = tail & *ring.sq_mask;
  ring.sends[place] = (struct io_uring_sqe){.opcode = IORING_OP_SEND,
                                            .fd = fd,
                                            .addr = (uintptr_t)bytes,
                                            .len = length,
                                            .msg_flags = MSG_NOSIGNAL | MSG_DONTWAIT,
                                            .user_data = fd};
  ring.sq_array[place] = place;
  __atomic_store_n(ring.sq_tail, tail + 1, __ATOMIC_RELEASE);
  ring.queued++;
}
