import java.nio.file.*; import java.nio.file.attribute.*; import java.io.*;
public class P { public static void main(String[] a) throws Exception { Path p=Files.createTempDirectory("aud").resolve("pending");
 for(int r=0;r<2;r++){ long t=System.nanoTime(); int n=0; for(int i=0;i<20000;i++){ try{ Files.readAttributes(p,BasicFileAttributes.class,LinkOption.NOFOLLOW_LINKS);}catch(IOException e){n++;} } System.out.println((System.nanoTime()-t)/1e6+" ms "+n);} Files.delete(p.getParent()); }}
