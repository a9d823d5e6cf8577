const main = document.querySelector('main');
const inOrder = [...main.children];
document.querySelector('select').addEventListener('change', event => {
  const key = event.target.value;
  const value = figure => Number(figure.dataset[key] || -Infinity);
  main.append(...(key ? [...inOrder].sort((a, b) => value(b) - value(a) || 0) : inOrder));
});
