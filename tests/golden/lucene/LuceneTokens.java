import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.ar.ArabicAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.OffsetAttribute;

/**
 * Runs Lucene's ArabicAnalyzer, as it comes, over texts. Reads one text a line, its UTF-8 in base64; writes one line a
 * text, its tokens as "start,end,term" with tabs between them. Offsets are in UTF-16 units, as Java counts them.
 */
public final class LuceneTokens {
  public static void main(String[] arguments) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    try (Analyzer analyzer = new ArabicAnalyzer();
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String text = new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8);
        out.print(tokens(analyzer, text) + "\n");
      }
    }
  }

  private static String tokens(Analyzer analyzer, String text) throws IOException {
    StringBuilder line = new StringBuilder();
    try (TokenStream stream = analyzer.tokenStream("text", text)) {
      CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
      OffsetAttribute offset = stream.addAttribute(OffsetAttribute.class);
      stream.reset();
      while (stream.incrementToken()) {
        line.append(line.length() == 0 ? "" : "\t");
        line.append(offset.startOffset()).append(',').append(offset.endOffset()).append(',').append(term);
      }
      stream.end();
    }
    return line.toString();
  }
}
