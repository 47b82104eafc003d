import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { PipelineDocument } from './document.ts'

/**
 * Makes one update that says what `updates` say together. It is made of a document that has applied
 * them all, because merging updates themselves takes ever longer the more there are.
 */
export type MakeSnapshot = (
  updates: readonly Uint8Array[],
  signal: AbortSignal,
) => Promise<Uint8Array>

/** For a small project, a simulation, a test. */
export const snapshotHere: MakeSnapshot = async (updates) =>
  new PipelineDocument(updates).snapshot()

/** In a thread of its own: with 10 000 items it takes two seconds, and nobody is to wait for that. */
export const snapshotApart: MakeSnapshot = async (updates, signal) => {
  signal.throwIfAborted()
  const worker = new Worker(new URL(import.meta.url), { workerData: { [task]: updates } })
  const stop = () => void worker.terminate()
  signal.addEventListener('abort', stop)
  try {
    return await new Promise<Uint8Array>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject)
      worker.once('exit', () =>
        reject(signal.reason ?? new Error('The snapshot was not finished.')),
      )
    })
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** What tells our worker from any other that loads this file. */
const task = 'huskies snapshot'

if (!isMainThread && workerData?.[task])
  parentPort?.postMessage(new PipelineDocument(workerData[task]).snapshot())
