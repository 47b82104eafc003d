/** Text from a person as Markdown that shows exactly that text, on one line or many. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<>~|&]/g, '\\$&')
}
