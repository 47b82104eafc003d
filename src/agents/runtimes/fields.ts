/**
 * A JSON object that somebody else wrote. What is missing, or is not what it should be, is unknown:
 * undefined, and never zero or empty by mistake.
 */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>

  private constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values
  }

  /** Undefined where `value` is no object. */
  static of(value: unknown): Fields | undefined {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? new Fields(value as Record<string, unknown>) : undefined
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined && this.#values[name] !== null
  }

  value(name: string): unknown {
    return this.#values[name]
  }

  text(name: string): string | undefined {
    const value = this.#values[name]
    return typeof value === 'string' ? value : undefined
  }

  number(name: string): number | undefined {
    const value = this.#values[name]
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined
  }

  /** The object of this name; one without fields where there is none. */
  at(name: string): Fields {
    return Fields.of(this.#values[name]) ?? new Fields({})
  }

  /** The objects in the list of this name. */
  list(name: string): readonly Fields[] {
    return asList(this.#values[name]).flatMap((value) => Fields.of(value) ?? [])
  }

  /** The texts in the list of this name. */
  texts(name: string): readonly string[] {
    return asList(this.#values[name]).filter((value) => typeof value === 'string')
  }

  /** The objects behind all names, for an object that is used as a map. */
  objects(): readonly Fields[] {
    return Object.values(this.#values).flatMap((value) => Fields.of(value) ?? [])
  }
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
