package dev.batchwright.cli;

import picocli.CommandLine.IVersionProvider;

/** The version, from the jar. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Main.class.getPackage().getImplementationVersion();
        return new String[] {"batchwright " + (version == null ? "(not packaged)" : version)};
    }
}
