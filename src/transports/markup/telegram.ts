import { escapeHtml, isLanguage } from './html.ts'
import { layOut } from './layout.ts'
import { type Look, prefixed } from './look.ts'
import type { Markup } from './markup.ts'
import { plain } from './plain.ts'

/** The HTML that Telegram's `parse_mode` reads; what remains when the tags are read is counted. */
export const telegramMarkup: Markup = {
  render: (tree) => layOut(tree, look),
  length: (html) => html.replace(/<[^>]*>/g, '').replace(/&\w+;/g, '&').length,
}

/**
 * Telegram drops what is nested where it may not be: nothing stands in code, and code in nothing but a
 * quotation; links and quotations do not hold their like.
 */
const look: Look = {
  text: escapeHtml,
  strong: (text) => aroundCode(text, 'b'),
  emphasis: (text) => aroundCode(text, 'i'),
  delete: (text) => aroundCode(text, 's'),
  heading: (text) => aroundCode(text, 'b'),
  inlineCode: (code) => `<code>${escapeHtml(code)}</code>`,
  codeBlock(code, language) {
    const text = escapeHtml(code)
    if (isLanguage(language)) return `<pre><code class="language-${language}">${text}</code></pre>`
    return `<pre>${language && `${escapeHtml(language)}\n`}${text}</pre>`
  },
  quote(text) {
    const inner = text.replace(/<blockquote>(.*?)<\/blockquote>/gs, (_, quoted: string) =>
      prefixed(quoted, '│ ', '│ '),
    )
    return `<blockquote>${inner}</blockquote>`
  },
  quoteWidth: 0,
  bullet: '• ',
  task: (done) => (done ? '☑ ' : '☐ '),
  link(label, url) {
    // To any other address Telegram makes no link, and would drop it.
    if (!/^(https?|tg):\/\/./i.test(url)) return `${label} (${escapeHtml(url)})`
    return `<a href="${escapeHtml(url)}">${label.replace(/<\/?(code|a)[^>]*>/g, '')}</a>`
  },
  rule: () => '———',
  tableHead: (cell) => cell,
  table: (draw) => `<pre>${escapeHtml(draw({ ...plain, inlineCode: (code) => code }))}</pre>`,
  wrap: (text) => text,
}

function aroundCode(text: string, tag: 'b' | 'i' | 's'): string {
  return text
    .split(/(<code>.*?<\/code>)/s)
    .map((piece) =>
      piece.trim() === '' || piece.startsWith('<code>') ? piece : `<${tag}>${piece}</${tag}>`,
    )
    .join('')
}
