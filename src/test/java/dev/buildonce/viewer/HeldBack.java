package dev.buildonce.viewer;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** Requests of a page that are late: they are held back until they are released. */
final class HeldBack {

  private final List<Runnable> late = new CopyOnWriteArrayList<>();
  private volatile boolean released;

  private HeldBack() {}

  /** Holds requests back, so that they are answered as things stand once they are released. */
  static HeldBack requests(Page page, String glob) {
    var held = new HeldBack();
    page.route(glob, route -> held.take(route, () -> route::resume));
    return held;
  }

  /** Holds the answers back, which tell how things stood before they are released. */
  static HeldBack answers(Page page, String glob) {
    var held = new HeldBack();
    page.route(
        glob,
        route ->
            held.take(
                route,
                () -> {
                  APIResponse answer = route.fetch();
                  return () -> route.fulfill(new Route.FulfillOptions().setResponse(answer));
                }));
    return held;
  }

  private void take(Route route, Supplier<Runnable> end) {
    if (released) {
      route.resume();
    } else {
      late.add(end.get());
    }
  }

  int count() {
    return late.size();
  }

  /** Holds back nothing more; what was held is still late. */
  void stop() {
    released = true;
  }

  void release() {
    stop();
    late.forEach(Runnable::run);
  }
}
