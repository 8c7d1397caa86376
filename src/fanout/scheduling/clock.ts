/** The fan-out's source of time, which tests replace. `now` is monotonic, in ms. `after` and `every` return a function that cancels. */
export interface Clock {
  now(): number;
  /** CPU time that this process has used, ms. */
  cpu(): number;
  immediate(run: () => void): void;
  after(ms: number, run: () => void): () => void;
  every(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  immediate: (run) => {
    setImmediate(run);
  },
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  every: (ms, run) => {
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  },
};
