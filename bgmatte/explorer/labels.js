// A slider's handle is named by the description left of it, and its value is read as the words right of it.
function tell(slider) {
  const handle = slider.querySelector(".noUi-handle");
  const said = {
    "aria-label": slider.querySelector(".widget-label")?.textContent,
    "aria-valuetext": slider.querySelector(".widget-readout")?.textContent,
  };
  for (const [name, words] of Object.entries(said)) {
    if (handle && words && handle.getAttribute(name) !== words) handle.setAttribute(name, words);
  }
}

export default {
  render({ el }) {
    let frame;
    const observer = new MutationObserver((changes) => changes.length && all());
    const all = () => el.parentElement.querySelectorAll(".widget-slider").forEach(tell);
    const start = () => {
      if (!el.isConnected) {  // ipywidgets puts a widget into the page after it was rendered
        frame = requestAnimationFrame(start);
        return;
      }
      const what = { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["aria-valuetext"] };
      observer.observe(el.parentElement, what);
      all();
    };
    start();
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
    };
  },
};
