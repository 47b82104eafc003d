import { startsByItself } from '../dependencies.ts'
import type { Actor, Item } from '../item.ts'
import type { Pipeline } from '../pipeline.ts'
import type { LookAgain, Reconciler } from './reconciler.ts'

const actor: Actor = { kind: 'system', id: 'dependency-promotion' }

/** Starts the items whose dependencies are all satisfied. Its keys are item numbers. */
export class DependencyPromotion implements Reconciler {
  readonly name = 'dependency-promotion'
  readonly #pipeline: Pipeline

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline
  }

  keys(): string[] {
    const waiting = [...this.#pipeline.inStage('upcoming'), ...this.#pipeline.inStage('backlog')]
    return this.#ready(waiting)
  }

  keysOf(id: number): string[] {
    const item = this.#pipeline.get(id)
    return this.#ready([...(item ? [item] : []), ...this.#pipeline.dependents(id)])
  }

  async reconcile(key: string): Promise<LookAgain | undefined> {
    const item = this.#pipeline.get(Number(key))
    if (item && this.#startsByItself(item))
      this.#pipeline.apply(item.id, { type: 'dependencies-met' }, actor)
    return undefined
  }

  #ready(items: readonly Item[]): string[] {
    return items.filter((item) => this.#startsByItself(item)).map(({ id }) => String(id))
  }

  #startsByItself(item: Item): boolean {
    return startsByItself(item, (id) => this.#pipeline.get(id))
  }
}
