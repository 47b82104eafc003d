import type { AgentEvent } from '../runtime.ts'

/** An event as lines for people; none for what they would not miss. */
export function inWords(event: AgentEvent): readonly string[] {
  switch (event.type) {
    case 'text':
    case 'warning':
      return event.text.split('\n')
    case 'tool-start':
      return [`[${event.name}] ${shortly(subjectOf(event.input))}`.trimEnd()]
    case 'tool-end':
      return event.ok ? [] : failureLines(event)
    case 'denied':
      return [`  ${event.tool} is not allowed`]
    case 'retry':
      return [
        `The service is asked again (${event.attempt}): ${event.error ?? event.status ?? '?'}`,
      ]
    case 'limit':
      return limitLines(event)
    case 'end':
      // A good end repeats what was said last.
      return event.ok || event.text === undefined ? [] : event.text.split('\n')
    default:
      return []
  }
}

const longestLine = 120
const mostFailureLines = 3

/** What a tool is used on, in the names that agent programs have for it. */
const subjects = ['command', 'file_path', 'filePath', 'path', 'pattern', 'url', 'query']

function subjectOf(input: unknown): string {
  if (input === undefined || input === null) return ''
  if (typeof input !== 'object') return String(input)
  const named = subjects.map((name) => (input as Record<string, unknown>)[name])
  return named.find((value) => typeof value === 'string') ?? JSON.stringify(input)
}

function shortly(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= longestLine ? line : `${line.slice(0, longestLine)}…`
}

function failureLines({ exit, output }: Extract<AgentEvent, { type: 'tool-end' }>) {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  const how = exit === undefined ? 'failed' : `failed with exit code ${exit}`
  return [`  ${how}`, ...lines.slice(-mostFailureLines).map((line) => `  ${shortly(line)}`)]
}

function limitLines({ status, window, overage }: Extract<AgentEvent, { type: 'limit' }>) {
  if (status === 'allowed') return []
  const limit = `The account's ${window ? `${window.replaceAll('_', ' ')} ` : ''}limit`
  if (overage) return [`${limit} is used up: what follows is paid for as overage.`]
  return [status === 'refused' ? `${limit} is used up.` : `${limit} is near.`]
}
