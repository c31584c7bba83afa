package dev.batchwright.server;

/** What clients send to upload the input of a batch. */
public final class UploadForm {
    /** Its content type. */
    public static final String TYPE = "multipart/form-data; boundary=b";

    private UploadForm() {}

    /** The form with this file. */
    public static String of(String content) {
        return String.join(
                "\r\n",
                "--b",
                "content-disposition: form-data; name=\"purpose\"",
                "",
                "batch",
                "--b",
                "content-disposition: form-data; name=\"file\"; filename=\"a.jsonl\"",
                "",
                content,
                "--b--",
                "");
    }
}
