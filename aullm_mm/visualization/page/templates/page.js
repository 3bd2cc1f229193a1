'use strict';
// What all pages share: short names, and the switch between light and dark.
const one = (selector, under = document) => under.querySelector(selector);
const all = (selector, under = document) => [...under.querySelectorAll(selector)];
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

(() => {
  const button = one('#theme');
  const show = (dark) => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    button.textContent = dark ? 'Light' : 'Dark';
    button.setAttribute('aria-label', `Switch to ${dark ? 'light' : 'dark'} colours`);
  };
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  show(dark);
  button.addEventListener('click', () =>
    show(document.documentElement.dataset.theme !== 'dark'));
})();
