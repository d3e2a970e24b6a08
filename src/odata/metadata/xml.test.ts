import assert from 'node:assert/strict'
import { test } from 'node:test'
import { element, formatXml } from './xml.ts'

test('an element is a line, what is in it indented, an attribute that is undefined left out', () => {
  const root = element('a', { x: '1', y: undefined }, [element('b', {}), element('c', { z: '' })])
  assert.equal(
    formatXml(root),
    '<?xml version="1.0" encoding="utf-8"?>\n<a x="1">\n  <b />\n  <c z="" />\n</a>\n',
  )
})

test('attributes keep whatever stands in them', () => {
  const text = formatXml(element('a', { x: `<"it's" & so>\t\n\r€` }))
  assert.match(text, /<a x="&lt;&quot;it's&quot; &amp; so&gt;&#9;&#10;&#13;€" \/>/)
})
