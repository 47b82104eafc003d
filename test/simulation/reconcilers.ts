import { ReconcilerEngine } from '../../src/pipeline/reconcilers/engine.ts'
import type { Reconciler } from '../../src/pipeline/reconcilers/reconciler.ts'

/** What comes between an engine and its reconcilers. */
export interface Between {
  /** What the engine gets in the place of a reconciler. */
  readonly changed: (reconciler: Reconciler) => Reconciler
  /** Whether a hint of this key is heard. */
  readonly hears: (key: string) => boolean
}

/** What `build` builds, and the reconcilers that it has an engine take on, as they are. */
export function catchReconcilers<T>(
  build: () => T,
  { changed, hears }: Between,
): { readonly built: T; readonly reconcilers: readonly Reconciler[] } {
  const reconcilers: Reconciler[] = []
  const { add } = ReconcilerEngine.prototype
  ReconcilerEngine.prototype.add = function (reconciler, concurrency) {
    reconcilers.push(reconciler)
    const hint = add.call(this, changed(reconciler), concurrency)
    return (key) => {
      if (hears(key)) hint(key)
    }
  }
  try {
    return { built: build(), reconcilers }
  } finally {
    ReconcilerEngine.prototype.add = add
  }
}

/** The same reconciler, which does everything a second time at once, while `goesOn`. */
export function twice(reconciler: Reconciler, goesOn: () => boolean): Reconciler {
  return {
    name: reconciler.name,
    keys: () => reconciler.keys(),
    keysOf: (item) => reconciler.keysOf(item),
    async reconcile(key, signal) {
      const first = await reconciler.reconcile(key, signal)
      return goesOn() && !signal.aborted ? reconciler.reconcile(key, signal) : first
    },
  }
}
