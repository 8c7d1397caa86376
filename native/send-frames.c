/*
 * Sends one buffer to many TCP sockets within one call from JavaScript (docs/decisions/0008).
 *
 *   sendAll(fds: Int32Array, count: number, bytes: Uint8Array, outcomes: Int32Array): number
 *
 * The first `count` descriptors get `bytes`, with one send() each. An outcome is the number of bytes that the kernel took, or
 * a negative errno; a negative descriptor gets no call and the outcome -EBADF. Returns how many sockets took all bytes.
 * Throws a TypeError or a RangeError before the first send() if an argument has another shape.
 *
 * It blocks on nothing, raises no SIGPIPE, keeps nothing beyond the call and calls nothing back. send() refuses a descriptor
 * that is no socket, so bytes cannot end in a file.
 */
#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <node_api.h>

enum { MOST = 64 };

/* The elements of a typed array, or NULL with an exception if it is of another type or has fewer than `least`. */
static void *elements(napi_env env, napi_value value, napi_typedarray_type wanted, size_t least, size_t *length) {
  napi_typedarray_type type;
  void *data = NULL;
  if (napi_get_typedarray_info(env, value, &type, length, &data, NULL, NULL) != napi_ok || type != wanted) {
    napi_throw_type_error(env, NULL, "sendAll(Int32Array, number, Uint8Array, Int32Array)");
    return NULL;
  }
  if (*length < least || data == NULL) {
    napi_throw_range_error(env, NULL, "sendAll: an array is too short");
    return NULL;
  }
  return data;
}

static int32_t send_to(int fd, const void *bytes, size_t size) {
  if (fd < 0) return -EBADF;
  ssize_t taken;
  do taken = send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (taken < 0 && errno == EINTR);
  return taken < 0 ? -errno : (int32_t)taken;
}

static napi_value send_all(napi_env env, napi_callback_info info) {
  napi_value values[4];
  size_t given = 4;
  uint32_t count;
  if (napi_get_cb_info(env, info, &given, values, NULL, NULL) != napi_ok || given < 4 ||
      napi_get_value_uint32(env, values[1], &count) != napi_ok) {
    napi_throw_type_error(env, NULL, "sendAll(Int32Array, number, Uint8Array, Int32Array)");
    return NULL;
  }
  if (count > MOST) {
    napi_throw_range_error(env, NULL, "sendAll: at most 64 sockets");
    return NULL;
  }
  size_t length, size;
  const int32_t *fds = elements(env, values[0], napi_int32_array, count, &length);
  if (fds == NULL) return NULL;
  const void *bytes = elements(env, values[2], napi_uint8_array, 1, &size);
  if (bytes == NULL) return NULL;
  int32_t *outcomes = elements(env, values[3], napi_int32_array, count, &length);
  if (outcomes == NULL) return NULL;
  if (size > INT32_MAX) {
    napi_throw_range_error(env, NULL, "sendAll: too many bytes");
    return NULL;
  }
  uint32_t whole = 0;
  for (uint32_t i = 0; i < count; i++) {
    outcomes[i] = send_to(fds[i], bytes, size);
    if (outcomes[i] == (int32_t)size) whole++;
  }
  napi_value answer = NULL;
  napi_create_uint32(env, whole, &answer);
  return answer;
}

NAPI_MODULE_INIT() {
  napi_value function;
  if (napi_create_function(env, "sendAll", NAPI_AUTO_LENGTH, send_all, NULL, &function) != napi_ok ||
      napi_set_named_property(env, exports, "sendAll", function) != napi_ok)
    napi_throw_error(env, NULL, "sendAll cannot be created");
  return exports;
}
