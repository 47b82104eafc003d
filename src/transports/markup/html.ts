/** Text as it is written in HTML, in an attribute too. */
export function escapeHtml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
}

/** Whether what stands behind a fence names a language; anything else is text of its own. */
export function isLanguage(name: string): boolean {
  return /^[\w+#.-]+$/.test(name)
}
