package dev.buildonce.builds.web;

import dev.buildonce.access.Links;
import dev.buildonce.logs.web.EventData;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The data of {@code status} and {@code end} events: the attempt as a document. */
@Component
class AttemptEvents {
  private final Documents documents;
  private final JsonMapper json;

  AttemptEvents(Documents documents, JsonMapper json) {
    this.documents = documents;
    this.json = json;
  }

  /** The data for a stream whose links start at {@code links}. */
  EventData<Told> of(Links.Base links) {
    return told ->
        json.writeValueAsString(documents.attempt(told.build(), told.attempt(), links, true));
  }
}
