/** The life of one start of a simulated program. */
export class Life {
  #over = false

  get over(): boolean {
    return this.#over
  }

  /** As `kill -9`: nothing of the program goes on, in the middle of whatever it was. */
  end(): void {
    this.#over = true
  }
}

/**
 * `port` as one start of a program sees it: when that life is over, whoever waits for an answer
 * waits for ever, and whoever calls is stopped there. The world behind the port goes on.
 */
export function mortal<Port extends object>(port: Port, life: Life): Port {
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        if (life.over) return stopped
        const callbacks = args.map((arg) => (isCallback(arg) ? whileAlive(arg, life) : arg))
        const result: unknown = Reflect.apply(value, target, callbacks)
        return result instanceof Promise ? answerWhileAlive(result, life) : result
      }
    },
  })
}

type Callback = (...args: unknown[]) => unknown

const stopped = new Promise<never>(() => {})

function isCallback(arg: unknown): arg is Callback {
  return typeof arg === 'function'
}

function whileAlive(callback: Callback, life: Life): Callback {
  return (...args: unknown[]) => (life.over ? undefined : callback(...args))
}

function answerWhileAlive<T>(answer: Promise<T>, life: Life): Promise<T> {
  return new Promise((resolve, reject) => {
    answer.then(
      (value) => life.over || resolve(value),
      (error) => life.over || reject(error),
    )
  })
}
