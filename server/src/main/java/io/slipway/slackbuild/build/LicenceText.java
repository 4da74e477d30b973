package io.slipway.slackbuild.build;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Recognises licences by words that only they have. */
final class LicenceText {
    private static final Pattern FILE =
            Pattern.compile("(?i)(.*/)?(copying|licen[cs]e|notice|copyright|unlicense)([._-][^/]*)?");
    private static final Pattern DECLARED = Pattern.compile("SPDX-License-Identifier:\\s*([A-Za-z0-9.+-]+)");

    /** An identifier of SPDX, https://spdx.org/licenses/, and what its text has in it, white space and case apart. */
    private record Sign(String identifier, String words) {}

    // A text quotes those before it in this list: the LGPL names the GPL, not the other way round.
    private static final List<Sign> SIGNS = List.of(
            new Sign("AGPL-3.0", "gnu affero general public license version 3"),
            new Sign("LGPL-3.0", "gnu lesser general public license version 3"),
            new Sign("LGPL-2.1", "gnu lesser general public license version 2.1"),
            new Sign("LGPL-2.0", "gnu library general public license version 2"),
            new Sign("GPL-3.0", "gnu general public license version 3"),
            new Sign("GPL-2.0", "gnu general public license version 2"),
            new Sign("Apache-2.0", "apache license version 2.0"),
            new Sign("MPL-2.0", "mozilla public license version 2.0"),
            new Sign("CDDL-1.0", "common development and distribution license"),
            new Sign("BSD-3-Clause", "may be used to endorse or promote products derived from this software"),
            new Sign("BSD-2-Clause", "redistributions in binary form must reproduce the above copyright"),
            new Sign("MIT", "permission is hereby granted, free of charge, to any person obtaining a copy"),
            new Sign("ISC", "permission to use, copy, modify, and/or distribute this software for any"));

    private LicenceText() {}

    /** Whether a file of that path is likely to be one. */
    static boolean isLicence(String path) {
        return path.startsWith("usr/doc/") && FILE.matcher(path).matches();
    }

    /** The licences of some texts, sorted. */
    static List<String> find(Collection<String> texts) {
        var found = new TreeSet<String>();
        texts.forEach(text -> found.addAll(find(text)));
        return List.copyOf(found);
    }

    private static Collection<String> find(String text) {
        var found = new TreeSet<String>();
        Matcher declared = DECLARED.matcher(text);
        while (declared.find()) {
            found.add(declared.group(1));
        }
        if (!found.isEmpty()) {
            return found;
        }
        String words = text.toLowerCase(Locale.ROOT).replaceAll("[\\s,*#]+", " ");
        for (Sign sign : SIGNS) {
            String identifier = sign.identifier();
            // What a licence's own text says of others is not meant.
            if (words.contains(sign.words().replace(",", ""))
                    && !(identifier.startsWith("GPL") && found.stream().anyMatch(each -> each.contains("GPL-")))
                    && !(identifier.equals("BSD-2-Clause") && found.contains("BSD-3-Clause"))) {
                found.add(identifier);
            }
        }
        return found;
    }
}
