package dev.batchwright.server.batches;

import dev.batchwright.store.HostedFile;

import tools.jackson.databind.node.ObjectNode;

import java.util.List;

/** Files as the API shows them. */
final class FileJson {
    private FileJson() {}

    static ObjectNode of(HostedFile file) {
        ObjectNode json = ApiJson.object();
        json.put("id", file.id());
        json.put("object", "file");
        json.put("bytes", file.bytes());
        json.put("created_at", file.createdAt().getEpochSecond());
        file.expiresAt().ifPresent(time -> json.put("expires_at", time.getEpochSecond()));
        json.put("filename", file.filename());
        json.put("purpose", file.purpose());
        json.put("status", "processed");
        json.putNull("status_details");
        return json;
    }

    static ObjectNode page(List<HostedFile> files, boolean more) {
        ObjectNode json = ApiJson.object();
        json.put("object", "list");
        var data = json.putArray("data");
        files.forEach(file -> data.add(of(file)));
        ApiJson.putEnds(json, files.stream().map(HostedFile::id).toList(), more);
        return json;
    }

    static ObjectNode deleted(String id) {
        ObjectNode json = ApiJson.object();
        json.put("id", id);
        json.put("object", "file");
        json.put("deleted", true);
        return json;
    }
}
